"""Whether hosts stay after the end of their scenario, to be looked into."""

import os

STAY = "KAFNIX_STAY" in os.environ
