//! How often intervals hold the truth in simulated trials, and how often they should.

use proband_stats::Effect;

/// Whether an interval held the truth, or a test did not reject a true hypothesis, in one simulated trial; none where there
/// was no estimate.
pub(crate) type Round = fn(u64) -> Option<bool>;

pub(crate) struct Simulation {
    pub(crate) name: &'static str,
    pub(crate) round: Round,
    /// The share of rounds that should hold.
    pub(crate) aim: f64,
    /// How much the method itself may miss that share by.
    pub(crate) slack: f64,
}

/// A simulation of a 95 % interval, or of a test at 5 % under a true hypothesis.
pub(crate) const fn at_95(name: &'static str, round: Round, slack: f64) -> Simulation {
    Simulation { name, round, aim: 0.95, slack }
}

impl Simulation {
    /// The share that held, and the rounds without an estimate; fails where the share is not near its aim.
    fn run(&self, rounds: u64) -> (f64, u64) {
        /// Simulated coverage may miss by this many standard errors; the seed is fixed.
        const LUCK: f64 = 4.0;
        let outcomes: Vec<bool> = (0..rounds).filter_map(self.round).collect();
        let held = outcomes.iter().filter(|&&held| held).count() as f64;
        let share = held / outcomes.len() as f64;
        let allowed = LUCK * (self.aim * (1.0 - self.aim) / rounds as f64).sqrt() + self.slack;
        assert!((share - self.aim).abs() < allowed, "{}: {share}", self.name);
        (share, rounds - outcomes.len() as u64)
    }
}

pub(crate) fn hold_often_enough(simulations: &[Simulation]) {
    const ROUNDS: u64 = 200;
    for simulation in simulations {
        let (_, lost) = simulation.run(ROUNDS);
        assert!(lost < ROUNDS / 20, "{}: {lost} without an estimate", simulation.name);
    }
}

/// A row of the table in the book for each simulation.
pub(crate) fn rows_of_many_rounds(simulations: &[Simulation]) -> impl Iterator<Item = String> {
    const ROUNDS: u64 = 10_000;
    simulations.iter().map(|simulation| {
        let (share, lost) = simulation.run(ROUNDS);
        format!("| {} | {:.1} % | {lost} |", simulation.name, 100.0 * share)
    })
}

pub(crate) fn holds(effect: &Effect, truth: f64) -> bool {
    effect.estimate.lower <= truth && truth <= effect.estimate.upper
}
