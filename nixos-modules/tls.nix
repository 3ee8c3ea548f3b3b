# Files of the host for TLS: root reads them where the spec says, and each server gets a copy that it alone may read. A
# file that changes is copied anew. What is in them no module sees.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.services.kafnix;
  # Where the generator says that a server finds them (`Stores::of`).
  folder = "/run/kafnix-tls";
  reads =
    role:
    (cfg.${role}.enable or false)
    && lib.any (value: lib.isString value && lib.hasPrefix "${folder}/" value) (
      lib.attrValues cfg.${role}.settings
    );
  readers = lib.filter reads (lib.attrNames (import ./roles));
  isUsed = cfg.tls.keyStore != null && cfg.tls.trustStore != null && readers != [ ];
  fileOption =
    what:
    mkOption {
      type = types.nullOr (types.strMatching "/[A-Za-z0-9/._-]+");
      default = null;
      example = "/var/lib/kafnix-tls/kafka01.pem";
      description = ''
        ${what} The file lies on the host and in no store path; root alone has to be able to read it.
      '';
    };
in
{
  options.services.kafnix.tls = {
    keyStore = fileOption "PEM file with the host's private key (PKCS#8), followed by its certificate chain.";
    trustStore = fileOption "PEM file with the authorities that the servers believe.";
  };

  config = lib.mkIf isUsed {
    systemd.services = {
      # Not a path unit: what changes while that copies is copied at the next change alone.
      kafnix-tls = {
        description = "copies the host's TLS files to its servers";
        wantedBy = [ "multi-user.target" ];
        unitConfig.StartLimitIntervalSec = 0;
        serviceConfig = import ./lib/hardening.nix // {
          Type = "notify";
          NotifyAccess = "main";
          ExecStart = lib.concatStringsSep " " (
            [
              "${cfg.tools.package}/bin/kafnix host tls"
              "--key-store=${cfg.tls.keyStore}"
              "--trust-store=${cfg.tls.trustStore}"
              "--to=${folder}"
            ]
            ++ map (role: "--reader=${role}=${toString cfg.${role}.gid}") readers
          );
          Restart = "always";
          RestartSec = 2;
          RuntimeDirectory = baseNameOf folder;
          RuntimeDirectoryMode = "0755";
          # A server that runs goes on with what it has.
          RuntimeDirectoryPreserve = true;
          MemoryDenyWriteExecute = true;
          # It reads what belongs to others, and gives the copy to a group.
          CapabilityBoundingSet = [
            "CAP_CHOWN"
            "CAP_DAC_READ_SEARCH"
          ];
          PrivateUsers = false;
          RestrictAddressFamilies = [ "AF_UNIX" ];
          SystemCallFilter = [ "@system-service" ];
          IPAddressDeny = "any";
        };
      };
    }
    // lib.genAttrs readers (_: {
      wants = [ "kafnix-tls.service" ];
      after = [ "kafnix-tls.service" ];
    });
  };
}
