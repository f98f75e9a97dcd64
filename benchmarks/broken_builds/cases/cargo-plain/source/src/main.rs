use std::collections::BTreeMap;

/// A xorshift generator: numbers in [0, 1).
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn measure(state: &[f64; 4], random: f64) -> usize {
    let mut left = random;
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
    let root = std::f64::consts::FRAC_1_SQRT_2;
    let state = [root, 0.0, 0.0, root];
    let mut random = Random(88172645463325252);
    let mut counts = BTreeMap::new();
    for _ in 0..shots {
        *counts.entry(measure(&state, random.next())).or_insert(0) += 1;
    }
    for (outcome, count) in counts {
        println!("{outcome:02b} {count}");
    }
}
