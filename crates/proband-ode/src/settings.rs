//! How to integrate, and what it took.

/// A way to step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Explicit Runge-Kutta of order 5 (Tsitouras 2011): for systems that are not stiff.
    Tsit5,
    /// Rosenbrock of order 5 (Steinebach 2023): for stiff systems. Needs a Jacobian.
    Rodas5P,
    /// The exponential of the matrix: for linear systems of up to 64 states whose coefficients and
    /// constants change at stops only, which is the caller's word. Needs a Jacobian. Steps are as long as
    /// stops allow, so that a guard may only watch what changes once between them.
    Exact,
}

/// How to integrate.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The way to step.
    pub method: Method,
    /// Error allowed per step, relative to a state's magnitude.
    pub relative: f64,
    /// Error allowed per step in each state, in its unit; positive.
    pub absolute: Vec<f64>,
    /// How long a step may be; infinity for no limit. Between looks at guards passes at most half
    /// a step, so this is how finely conditions on time are watched where states alone
    /// would allow long steps.
    pub longest_step: f64,
    /// Steps (accepted, rejected, and stops on the spot) that a twin may take.
    pub most_steps: u64,
    /// Twins side by side, 1 to 64. The results do not depend on it.
    pub lanes: usize,
}

/// What an integration took. All but `batches` are sums over twins, and do not depend on lanes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// Steps of all lanes together.
    pub batches: u64,
    /// Twins loaded.
    pub twins: u64,
    /// Steps that met the tolerance.
    pub accepted: u64,
    /// Steps that did not.
    pub rejected: u64,
    /// Steps of length zero that took derivatives afresh.
    pub restarts: u64,
    /// Samples handed over.
    pub samples: u64,
    /// Stops landed on.
    pub stops: u64,
    /// Changes of truth of guards.
    pub crossings: u64,
    /// Twins given up.
    pub failures: u64,
}
