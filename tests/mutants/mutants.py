"""Ways in which the example backends can be wrong, and ways in which they may differ and be right."""

from __future__ import annotations

from typing import NamedTuple


class Mutant(NamedTuple):
    """Replacements in the sources of an example backend."""

    what: str
    backend: str
    """``pysv`` or ``statevec-cpp``."""
    edits: tuple[tuple[str, str, str], ...] = ()
    """(file below ``src``, what stands there once, what is put in its place)."""
    way: str = "counts"
    """How the backend is driven: ``counts`` or ``statevector``."""
    seen: str = "differs from Qiskit's"
    """A pattern of what has to be said of it, where it is wrong."""
    relearned: bool = False
    """Whether the bit order that it has is known already, so that only the documents speak against it."""


PY, CPP = "pysv", "statevec-cpp"
SIMULATOR, CIRCUIT, GATES = "pysv/simulator.py", "pysv/circuit.py", "pysv/gates.py"

RIGHT = (
    Mutant("as it is", PY),
    Mutant("as it is", PY, way="statevector"),
    Mutant("as it is", CPP),
    Mutant("as it is", CPP, way="statevector"),
    Mutant(
        "another global phase",
        PY,
        ((GATES, "np.diag(np.exp([-0.5j * theta, 0.5j * theta]))", "np.diag(np.exp([0, 1j * theta]))"),),
        "statevector",
    ),
    Mutant(
        "single precision", PY, ((SIMULATOR, "dtype: DTypeLike = np.complex128", "dtype: DTypeLike = np.complex64"),)
    ),
    Mutant(
        "another generator of random numbers",
        PY,
        ((SIMULATOR, "np.random.default_rng(seed)", "np.random.Generator(np.random.MT19937(seed))"),),
    ),
)

WRONG = (
    Mutant(
        "the bit order is swapped, while it claims the other, and was known so",
        PY,
        ((SIMULATOR, 'format(outcome, f"0{width}b")', 'format(outcome, f"0{width}b")[::-1]'),),
        seen="the documents state the other bit order",
        relearned=True,
    ),
    Mutant(
        "the bit order is swapped, while it claims the other, and was known so",
        CPP,
        (("main.cpp", "text[width - 1 - k] = '1'", "text[k] = '1'"),),
        seen="the documents state the other bit order",
        relearned=True,
    ),
    Mutant(
        "the bit order is swapped, while it claims the other",
        PY,
        ((SIMULATOR, 'format(outcome, f"0{width}b")', 'format(outcome, f"0{width}b")[::-1]'),),
    ),
    Mutant(
        "the bit order is swapped, while it claims the other",
        CPP,
        (("main.cpp", "text[width - 1 - k] = '1'", "text[k] = '1'"),),
    ),
    Mutant(
        "CNOT is reversed",
        PY,
        ((CIRCUIT, '"cnot", gates.CNOT, control, target', '"cnot", gates.CNOT, target, control'),),
    ),
    Mutant(
        "a rotation has the wrong sign",
        PY,
        ((GATES, "[-0.5j * theta, 0.5j * theta]", "[0.5j * theta, -0.5j * theta]"),),
    ),
    Mutant(
        "a rotation has the wrong sign",
        CPP,
        (("gates.cpp", "dense(c, -kI * s, -kI * s, c)", "dense(c, kI * s, kI * s, c)"),),
    ),
    Mutant(
        "T for S",
        CPP,
        (
            (
                "gates.cpp",
                "MatrixXcd s(double) { return diagonal(1, kI); }",
                "MatrixXcd s(double) { return diagonal(1, std::polar(1.0, kPi / 4)); }",
            ),
        ),
    ),
    Mutant(
        "T for S", PY, ((GATES, "S = np.diag([1, 1j])", "S = np.diag([1, np.exp(1j * np.pi / 4)])"),), "statevector"
    ),
    Mutant(
        "normalisation is forgotten",
        PY,
        ((GATES, "dtype=complex) * np.sqrt(0.5)", "dtype=complex)"),),
        "statevector",
        seen="norm is|sum to|differs from",
    ),
    Mutant(
        "normalisation is forgotten",
        CPP,
        (
            ("gates.cpp", "dense(1, 1, 1, -1) * std::sqrt(0.5)", "dense(1, 1, 1, -1)"),
            ("state.cpp", "uniform(0, psi_.squaredNorm())", "uniform(0, 1)"),
        ),
        seen="norm is|sum to|differs from",
    ),
    Mutant(
        "the seed is fixed",
        PY,
        ((SIMULATOR, "np.random.default_rng(seed)", "np.random.default_rng(1234)"),),
        seen="samples are not drawn anew",
    ),
    Mutant(
        "the seed is fixed",
        CPP,
        (("simulator.cpp", "Rng rng(seed);", "Rng rng(1234);"),),
        seen="samples are not drawn anew",
    ),
    Mutant(
        "counts do not sum to the shots",
        PY,
        ((SIMULATOR, 'f"0{width}b"): count\n', 'f"0{width}b"): count + (outcome == 0)\n'),),
        seen="sum to",
    ),
    Mutant(
        "counts do not sum to the shots",
        CPP,
        (("state.cpp", "counts[outcome] += times;", "counts[outcome] += times + (outcome == 0);"),),
        seen="sum to",
    ),
    Mutant(
        "always half and half",
        PY,
        (
            (
                SIMULATOR,
                "draws = np.random.default_rng(seed).choice(p.size, size=shots, p=p)",
                "draws = np.random.default_rng(seed).choice([0, p.size - 1], size=shots)",
            ),
        ),
    ),
    Mutant(
        "all outcomes that occur are equally likely",
        CPP,
        (
            (
                "state.cpp",
                "cumulative += p;",
                "cumulative += psi_.squaredNorm() / (psi_.array().abs2() > 1e-12).count();",
            ),
            ("state.cpp", "if (p == 0) continue;", "if (p <= 1e-12) continue;"),
        ),
    ),
    Mutant(
        "half the angle",
        CPP,
        (
            (
                "gates.cpp",
                "std::cos(angle / 2), s = std::sin(angle / 2);\n  return dense(c, -s, s, c);",
                "std::cos(angle / 4), s = std::sin(angle / 4);\n  return dense(c, -s, s, c);",
            ),
        ),
    ),
    Mutant("half the angle", PY, ((GATES, "np.diag([1, np.exp(1j * theta)])", "np.diag([1, np.exp(0.5j * theta)])"),)),
    Mutant(
        "noise is ignored",
        CPP,
        (("simulator.cpp", "if (!fails(rng)) continue;", "fails(rng);\n    continue;"),),
        seen="changes nothing",
    ),
    Mutant(
        "gates are transposed",
        PY,
        ((SIMULATOR, "gate = matrix.reshape((2,) * (2 * k))", "gate = matrix.T.reshape((2,) * (2 * k))"),),
    ),
    Mutant("gates are transposed", CPP, (("state.cpp", "gate = u;", "gate = u.transpose();"),)),
    Mutant(
        "a result is that of the last call",
        PY,
        (
            (
                SIMULATOR,
                "        p = self.probabilities(circuit, qubits)\n        draws",
                "        p = _LAST.setdefault(circuit.num_qubits, self.probabilities(circuit, qubits))\n        draws",
            ),
            (SIMULATOR, "PAULIS = {", "_LAST: dict = {}\nPAULIS = {"),
        ),
        seen="second circuit in the same process",
    ),
    Mutant(
        "a result is that of the last call",
        CPP,
        (
            (
                "main.cpp",
                "  const Counts counts = run(circuit, options.shots, options.noise, seed);\n",
                "  Counts counts = run(circuit, options.shots, options.noise, seed);\n"
                '  const std::string kept = std::getenv("TMPDIR") + ("/last" + std::to_string(circuit.qubits));\n'
                "  if (std::ifstream in(kept); in) {\n"
                "    counts.clear();\n"
                "    for (std::uint64_t outcome, count; in >> outcome >> count;) counts[outcome] = count;\n"
                "  } else {\n"
                "    std::ofstream out(kept);\n"
                "    for (const auto& [outcome, count] : counts) out << outcome << ' ' << count << '\\n';\n"
                "  }\n",
            ),
        ),
    ),
    Mutant(
        "counts are added to those of the last call",
        PY,
        (
            (
                SIMULATOR,
                "        return {\n            format(outcome",
                "        _ALL.update({\n            format(outcome",
            ),
            (SIMULATOR, "counts.tolist())\n        }", "counts.tolist())\n        })\n        return dict(_ALL)"),
            (
                SIMULATOR,
                "PAULIS = {",
                "from collections import Counter\n_ALL = Counter()\nPAULIS = {",
            ),
        ),
        seen="second circuit in the same process",
    ),
    Mutant(
        "the second control of a Toffoli gate is ignored",
        PY,
        (
            (
                CIRCUIT,
                'self._append("toffoli", gates.TOFFOLI, control1, control2, target)',
                'self._append("toffoli", gates.CNOT, control1, target)',
            ),
        ),
    ),
    Mutant(
        "a swap does nothing",
        CPP,
        (("gates.cpp", "       0, 0, 1, 0,\n       0, 1, 0, 0,", "       0, 1, 0, 0,\n       0, 0, 1, 0,"),),
    ),
)
