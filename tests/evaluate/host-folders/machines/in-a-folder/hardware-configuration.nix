# as nixos-generate-config writes it
{
  networking.domain = "example.org";
}
