//! Runs one Rust peer on one workload: `proband-peers PEER WORKLOAD PATIENTS TOLERANCE`. Prints patients per
//! second of the thread's processor time, and the error.

mod scalar;
mod with_diffsol;
mod with_pharmsol;
mod workload;

use cpu_time::ThreadTime;
use workload::Workload;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [peer, name, patients, tolerance] = &words[..] else {
        panic!("PEER WORKLOAD PATIENTS TOLERANCE");
    };
    let tolerance = tolerance.parse().expect("a tolerance");
    let workload = Workload::load(name, patients.parse().expect("a number of patients"));
    let solve = match peer.as_str() {
        "diffsol" => with_diffsol::solve,
        "pharmsol" => with_pharmsol::solve,
        _ => panic!("diffsol or pharmsol"),
    };
    let begun = ThreadTime::now();
    let found = solve(&workload, tolerance);
    let seconds = begun.elapsed().as_secs_f64();
    println!("{}\t{:e}", workload.parameters.len() as f64 / seconds, workload.error(&found));
}
