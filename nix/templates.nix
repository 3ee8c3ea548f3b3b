{
  default = {
    path = ../templates/default;
    description = "A cluster of three hosts: the spec, the machine files and a flake around them";
  };
}
