/* Measured on 12 March: chance of reading the wrong value. */
#define DEVICE "aster-2"
#define READOUT_ERROR 0.0
