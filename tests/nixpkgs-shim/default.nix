# Joins lib/, nixos/ and a package set of different ages into something that `nixosSystem` and
# `testers.runNixOSTest` evaluate. It is for evaluation alone: most packages are placeholders, and
# nothing here can be built.
{
  libPath,
  nixosPath,
  packagesPath,
  formatsPath,
}:
let
  baseLib = import libPath;

  lib = baseLib // {
    # The old packages call it by the name that now warns.
    makeScope =
      newScope: f:
      let
        scope = baseLib.makeScope newScope f;
      in
      scope // { overrideScope' = scope.overrideScope; };
    # Nix before 2.14 cannot ask for the type of a flake's own folder. Nothing is built here, so the
    # whole folder does as well.
    fileset =
      if builtins ? readFileType then
        baseLib.fileset
      else
        baseLib.fileset
        // {
          toSource = { root, ... }: root;
          unions = _: null;
          difference = _: _: null;
          fileFilter = _: _: null;
        };
    nixos = import "${nixosPath}/lib" { inherit lib; };
    nixosSystem =
      args:
      import "${nixosPath}/lib/eval-config.nix" (
        {
          inherit lib;
          system = null;
        }
        // builtins.removeAttrs args [ "system" ]
        // {
          modules = (args.modules or [ ]) ++ [ (baseModule (args.system or null)) ];
        }
      );
  };

  # What a configuration needs to evaluate over packages older than its modules.
  baseModule =
    system:
    { lib, config, ... }:
    {
      nixpkgs.pkgs = lib.mkDefault (
        pkgsFor (if system != null then system else config.nixpkgs.hostPlatform.system)
      );
      documentation.enable = lib.mkDefault false;
      security.wrappers = lib.mkForce { };
      system.disableInstallerTools = lib.mkDefault true;
    };

  # Once for each system, whatever the number of hosts.
  pkgsOf = lib.genAttrs [ "x86_64-linux" "aarch64-linux" ] importPackages;
  pkgsFor = system: pkgsOf.${system};

  importPackages =
    system:
    import packagesPath {
      localSystem = {
        inherit system;
        isAarch = system == "aarch64-linux";
        isLoongArch64 = false;
        isMips64 = false;
        isStatic = false;
        efiArch = if system == "aarch64-linux" then "aa64" else "x64";
        libDir = "lib64";
        linux-kernel = {
          name = "pc";
          target = "bzImage";
          baseConfig = "defconfig";
          autoModules = true;
        };
      };
      config.allowUnfree = true;
      overlays = [
        (import ./packages.nix {
          inherit
            lib
            nixosPath
            formatsPath
            baseModule
            ;
        })
      ];
    };
in
{
  inherit lib pkgsFor;
}
