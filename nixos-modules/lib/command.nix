# How a host starts a server: the launcher, with the facts of which it makes the JVM's command line. It says them as
# `generator/src/launch.rs` does, each in one word, and a test compares the two. It must not know any fact.
{ lib }:
let
  properties = import ./properties.nix;
in
{
  launcher,
  role,
  # name → text
  facts,
  systemProperties ? { },
  javaOptions,
}:
[
  launcher
  role
]
++ lib.mapAttrsToList (name: value: "--${name}=${value}") facts
++ map (property: "--system-property=${property}") (properties.pairs systemProperties)
++ lib.optional (javaOptions != [ ]) "--"
++ javaOptions
