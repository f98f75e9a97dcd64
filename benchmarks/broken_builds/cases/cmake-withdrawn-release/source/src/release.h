#error "fastbell 1.3.0 is withdrawn: the fast path gives wrong amplitudes. Do not build or package it; wait for 1.4."

static double sweep_weight(int i)
{
    static const double weights[4] = {0.6, 0.4, 0.4, 0.5656854249492380};
    return weights[i];
}
