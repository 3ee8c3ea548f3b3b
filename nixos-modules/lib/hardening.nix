# The sandbox of both units: what a server that only talks TCP and writes its own directories can
# do without. Seen to hold a JVM with every compression codec; `systemd-analyze security` rates it
# 1.1. It must not name a product.
{
  AmbientCapabilities = "";
  CapabilityBoundingSet = "";
  DevicePolicy = "closed";
  KeyringMode = "private";
  LockPersonality = true;
  # The JIT writes machine code and then runs it.
  MemoryDenyWriteExecute = false;
  NoNewPrivileges = true;
  PrivateDevices = true;
  PrivateMounts = true;
  PrivateTmp = true;
  # The step that gives a directory to its user runs outside of it, with `+`.
  PrivateUsers = true;
  # The JVM looks in /proc/mounts for the file system of a path: without it a broker cannot say how
  # large and how full its log directories are.
  ProcSubset = "all";
  ProtectClock = true;
  ProtectControlGroups = true;
  ProtectHome = true;
  ProtectHostname = true;
  ProtectKernelLogs = true;
  ProtectKernelModules = true;
  ProtectKernelTunables = true;
  ProtectProc = "invisible";
  ProtectSystem = "strict";
  RemoveIPC = true;
  # AF_UNIX: the launcher tells systemd that the server serves, and the journal what it writes.
  RestrictAddressFamilies = [
    "AF_INET"
    "AF_INET6"
    "AF_UNIX"
  ];
  RestrictNamespaces = true;
  RestrictRealtime = true;
  RestrictSUIDSGID = true;
  SystemCallArchitectures = "native";
  # An error instead of a signal: the JVM tries sched_setaffinity and the like, and goes on.
  SystemCallErrorNumber = "EPERM";
  SystemCallFilter = [
    "@system-service"
    "~@privileged @resources"
  ];
  UMask = "0027";
}
