//! How a trial is simulated, and what is kept of it.

/// `[simulation]`.
#[derive(Clone, Debug)]
pub struct Simulation {
    /// Root of every draw.
    pub seed: u64,
    /// Repetitions of the trial.
    pub replicates: u32,
    /// Whether the parameters that are uncertain are drawn once a repetition.
    pub uncertainty: bool,
    /// The Monte Carlo standard error that a probability is wanted with, as a share.
    pub precision: f64,
    /// Solver; none lets a pilot choose.
    pub method: Option<Method>,
    /// Relative error of the solver.
    pub tolerance: f64,
    /// Absolute error of the solver, in the unit of each state.
    pub atol: f64,
    /// Twins that give the true value of each estimand.
    pub truth_twins: u64,
    /// Whether arms share random numbers; if not, the arm enters the address of a draw.
    pub common_arms: bool,
    /// Whether scenarios share random numbers; if not, each has a seed of its own.
    pub common_scenarios: bool,
}

/// A solver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Explicit, order 5.
    Tsit5,
    /// Rosenbrock, order 5, for stiff models.
    Rodas5p,
    /// Closed forms: for models that have one.
    Exact,
}

/// `[output]`.
#[derive(Clone, Debug)]
pub struct Output {
    /// How much is kept.
    pub level: OutputLevel,
    /// Grid of latent trajectories, in days; none is encounters only.
    pub truth_every: Option<f64>,
    /// Keep only these tables, by name.
    pub tables: Option<Vec<String>>,
    /// Whether the run leaves a page that tells of it.
    pub report: bool,
}

/// How much is kept, each level including the ones before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutputLevel {
    /// Characteristics over the repetitions of the trial.
    Operating,
    /// Findings and counts.
    Findings,
    /// One row a participant, adverse events and times to event.
    Participants,
    /// Every record and dose.
    Records,
    /// Latent trajectories and events.
    Truth,
}
