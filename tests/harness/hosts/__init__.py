"""Boots systemd machines that run what NixOS makes of the generated hosts, and drives them as the NixOS test
driver does. It must not know what a scenario looks for."""
