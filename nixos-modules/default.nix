# All roles, and images of the host. Each role can be imported alone, too.
{
  imports = builtins.attrValues (import ./services.nix) ++ [ ./images ];
}
