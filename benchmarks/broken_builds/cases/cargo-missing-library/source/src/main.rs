use std::collections::BTreeMap;

extern "C" {
    fn qrand_uniform() -> f64;
}

/// Amplitudes of (|00> + |11>)/sqrt(2).
fn bell() -> [f64; 4] {
    let root = std::f64::consts::FRAC_1_SQRT_2;
    [root, 0.0, 0.0, root]
}

fn measure(state: &[f64; 4]) -> usize {
    let mut left = unsafe { qrand_uniform() };
    for (outcome, amplitude) in state.iter().enumerate() {
        left -= amplitude * amplitude;
        if left < 0.0 {
            return outcome;
        }
    }
    3
}

fn main() {
    let shots: u32 = std::env::args().nth(1).map_or(1000, |text| text.parse().expect("shots"));
    let state = bell();
    let mut counts = BTreeMap::new();
    for _ in 0..shots {
        *counts.entry(measure(&state)).or_insert(0) += 1;
    }
    for (outcome, count) in counts {
        println!("{outcome:02b} {count}");
    }
}
