{
  imports = [ ./hardware-configuration.nix ];
}
