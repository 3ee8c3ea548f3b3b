"""The firewall of each host, tried port by port."""
