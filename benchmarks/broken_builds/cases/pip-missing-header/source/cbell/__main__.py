import sys

from cbell._sampler import ones

shots = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
found = ones(shots)
print("00", shots - found)
print("11", found)
