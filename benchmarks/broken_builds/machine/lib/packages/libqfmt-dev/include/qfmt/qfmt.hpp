#pragma once
#include <string>

namespace qfmt {

/// The bit string of an outcome, the highest qubit first.
inline std::string bits(unsigned outcome, unsigned qubits)
{
    std::string text;
    for (unsigned qubit = qubits; qubit-- > 0;)
        text += (outcome >> qubit & 1) ? '1' : '0';
    return text;
}

}  // namespace qfmt
