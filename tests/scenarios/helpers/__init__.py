"""What the scenarios say in sentences. It knows machines alone, by the methods that those of the NixOS test driver
have: whatever it needs of a cluster it reads on its hosts, so that it fits every cluster."""
