# A program for each host that runs it as a VM. Everything the VM keeps lies in one folder, so that
# what a host remembers of its disks and the disks themselves are lost together.
{ lib }:
let
  vmOf =
    name: host:
    let
      inherit (host.config.system.build) vm;
      inherit (host.config.virtualisation.vmVariant.virtualisation.host) pkgs;
    in
    pkgs.writeShellScriptBin "run-${name}-vm" ''
      set -eu
      # [KAFNIX_VM=FOLDER] run-${name}-vm [QEMU OPTION…]: `rm -r` of the folder makes the host new
      state=''${KAFNIX_VM:-$PWD/${name}-vm}
      mkdir -p "$state"
      cd "$state"
      TMPDIR=$state USE_TMPDIR=1 exec ${vm}/bin/run-*-vm "$@"
    '';
in
lib.mapAttrs vmOf
