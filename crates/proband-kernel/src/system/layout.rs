//! What the rows of a system are: the names by which whoever fills or reads them finds them.

use crate::Program;
use proband_lang::{Happening, SymbolId};

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident;)+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub usize);
    )+};
}

ids! {
    /// A model of a system, by the order in which models were added.
    ModelId;
    /// A value of a system, by the order in which values were named.
    ValueId;
    /// A row of the twin bank that the trial fills with what it likes, by order of addition.
    TwinSlot;
    /// A row of signals that the trial fills with what it likes, by order of addition.
    SignalSlot;
    /// A hazard that the trial added, by order of addition.
    HazardId;
    /// A guard that the trial added, by order of addition.
    GuardId;
    /// A program that the trial asked for, by order of addition.
    ProgramId;
    /// An observable that the trial asked for, by order of addition.
    ObservableId;
}

/// Where a symbol of a trial's expression gets its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Source {
    /// A quantity of a model, in its unit.
    Symbol(ModelId, SymbolId),
    /// A row that the trial fills per twin.
    Twin(TwinSlot),
    /// A row that the trial fills at instants.
    Signal(SignalSlot),
    /// Another value of the system.
    Value(ValueId),
    /// Time since a happening of a model, in the system's unit of time.
    Since(ModelId, Happening),
    /// A number.
    Constant(f64),
}

/// What feeds an input of a model, in the input's unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Feed {
    /// A number.
    Constant(f64),
    /// A row of signals, changed at instants: [`Signal::Input`].
    Signal,
    /// A value of the system, of any level.
    Value(ValueId),
}

/// A typical value other than the one in the file, in the unit of that one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Typical {
    /// One number for all twins.
    Value(f64),
    /// A row of the twin bank: [`TwinRow::Typical`].
    Row,
}

/// A row of the twin bank that is filled from outside. The rows stand in the order of the slots,
/// then model by model: covariates, typical values that are rows, deviates by parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TwinRow {
    /// Whatever the trial puts there.
    Slot(TwinSlot),
    /// A covariate of a model, by position, in its unit.
    Covariate(ModelId, usize),
    /// The typical value of a parameter, by position, in its unit.
    Typical(ModelId, usize),
    /// The twin's deviate of a parameter with spread between twins; for a uniform or Bernoulli
    /// parameter the value drawn.
    Deviate(ModelId, usize),
    /// The occasion's deviate of a parameter with spread between occasions; for a uniform or
    /// Bernoulli parameter the value drawn.
    OccasionDeviate(ModelId, usize),
}

/// A row of signals: what changes at instants. The trial's slots come first; the others are there
/// only where something reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Whatever the trial puts there.
    Slot(SignalSlot),
    /// An input of a model, by position, in its unit.
    Input(ModelId, usize),
    /// When something happened last, in the system's time; minus infinity before the first.
    Last(ModelId, Happening),
    /// The rate at which doses flow into a state at present, in its unit per unit of the system's
    /// time: the sum over running infusions.
    Infusion(usize),
    /// The cumulative hazard at which a hazard (by position in [`System::hazards`]) happens next.
    ///
    /// [`System::hazards`]: super::System::hazards
    Threshold(usize),
    /// The amount of the dose that is being given, in the unit of its line; read by updates only.
    Amount,
    /// The value of a switch, by position in [`System::switches`], as its program says.
    ///
    /// [`System::switches`]: super::System::switches
    Switch(usize),
    /// What exact states are functions of beside time, by position in [`Anchor::rows`].
    Anchor(usize),
}

/// What exact states are functions of beside time. Run it at the start, and whenever states, rows of
/// the twin or other signals have changed: then, and not before, whatever follows the path sees the
/// change.
#[derive(Clone, Debug)]
pub struct Anchor {
    /// The rows of signals, in the order of the program's outputs; none where no state is exact.
    pub rows: Vec<usize>,
    /// Writes them, from the present values of all states.
    pub program: Program,
}

/// A row of states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StateRow {
    /// A state of a model, by position, in its unit.
    Model(ModelId, usize),
    /// The cumulative hazard of a hazard, by position in [`System::hazards`]; starts at 0.
    ///
    /// [`System::hazards`]: super::System::hazards
    CumulativeHazard(usize),
}

/// Whose rate a hazard is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HazardSource {
    /// A model's, by position.
    Model(ModelId, usize),
    /// That of a model's jump, by position: zero while its state is at another level than the one
    /// it leaves.
    Jump(ModelId, usize),
    /// The trial's.
    Trial(HazardId),
}

/// A rate that, integrated, gives event times. It happens when the cumulative hazard reaches the
/// threshold: an exponential draw at the start, moved on by another after each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HazardPlan {
    /// Whose it is.
    pub source: HazardSource,
    /// The row of its cumulative hazard.
    pub state: usize,
    /// The row of its threshold among the signals.
    pub threshold: usize,
    /// Its guard, positive once the cumulative hazard is above the threshold.
    pub guard: usize,
}

/// What a guard watches. Guards stand in this order: events (condition, then `until`) model by
/// model, hazards, negative rates, the trial's, switches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardSource {
    /// The condition of a model's event, by position.
    Event(ModelId, usize),
    /// The condition that re-arms a model's event, where it says so.
    Until(ModelId, usize),
    /// A hazard, by position in [`System::hazards`](super::System::hazards).
    Hazard(usize),
    /// Whether the rate of a hazard, by position in [`System::hazards`](super::System::hazards), is
    /// negative, which no rate may be. There is none where that can be ruled out.
    NegativeRate(usize),
    /// A condition of the trial.
    Trial(GuardId),
    /// A condition on time alone whose changes can't be known in advance, by position in
    /// [`System::switches`](super::System::switches).
    Switch(usize),
}

/// A model's event.
#[derive(Clone, Debug)]
pub struct EventPlan {
    /// Whose it is.
    pub model: ModelId,
    /// Its position there.
    pub event: usize,
    /// When it happens.
    pub trigger: EventTrigger,
}

/// When an event happens.
#[derive(Clone, Debug)]
pub enum EventTrigger {
    /// Once a guard has been positive for long enough.
    When {
        /// The guard of its condition.
        guard: usize,
        /// The guard of its re-arming; none where that is that the condition no longer holds.
        until: Option<usize>,
        /// Writes how long the condition must hold, and how long `until` must, in the system's
        /// time.
        holds: Program,
    },
    /// Every so often.
    Every {
        /// Writes the interval and the first time, in the system's time.
        times: Program,
    },
}

/// A dose line of a model.
#[derive(Clone, Debug)]
pub struct DosePlan {
    /// Whose it is.
    pub model: ModelId,
    /// Its position there.
    pub line: usize,
    /// The row of the state it enters.
    pub target: usize,
    /// The signal that carries its infusions; there if they were asked for, or the model says
    /// over what time the dose arrives.
    pub infusion: Option<usize>,
    /// Whether the model says over what time the dose arrives.
    pub has_over: bool,
    /// Writes the lag in the system's time, what one unit of dose adds to the state, and the time
    /// over which it arrives in the system's time (0 where the model does not say).
    pub program: Program,
}

/// Changes of states at an instant. Run it before changing anything: right sides see the values
/// before. For a dose, [`Signal::Amount`] holds its amount.
#[derive(Clone, Debug)]
pub struct UpdatePlan {
    /// Whose it is.
    pub model: ModelId,
    /// What brings it about.
    pub at: Happening,
    /// The rows of the states, in the order of the program's outputs.
    pub targets: Vec<usize>,
    /// Writes the new values.
    pub program: Program,
}

/// A difference equation of a model: every so often its state takes a new value. Where several are
/// due at one instant, run the programs of all before changing anything.
#[derive(Clone, Debug)]
pub struct NextPlan {
    /// Whose it is.
    pub model: ModelId,
    /// Its position there.
    pub next: usize,
    /// The row of the state.
    pub state: usize,
    /// The row of the new value, or of the centre of the draw; none for a draw without a centre.
    pub value: Option<usize>,
    /// The draw.
    pub draw: Option<DrawRows>,
    /// Writes the interval, in the system's time, and what these rows refer to.
    pub program: Program,
}

/// Rows of [`System::observe`](super::System::observe) that say what a record of an observable is.
#[derive(Clone, Debug, PartialEq)]
pub struct ObservablePlan {
    /// Whose it is.
    pub model: ModelId,
    /// Its position there.
    pub observable: usize,
    /// The row of the true value, in the unit of the record.
    pub truth: usize,
    /// How a record differs from it.
    pub draw: Option<DrawRows>,
    /// The row of the limit below which records are reported as below.
    pub lower_limit: Option<usize>,
    /// The row of the limit above which records are reported as above.
    pub upper_limit: Option<usize>,
}

/// The rows of a draw about a value; see [`proband_lang::Draw`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DrawRows {
    /// A variance of (cv m)^2 + sd^2.
    Normal {
        /// Proportional part.
        cv: Option<usize>,
        /// Additive part.
        sd: Option<usize>,
    },
    /// The standard deviation of the logarithm.
    LogNormal(usize),
    /// No row.
    Bernoulli,
    /// No row.
    Poisson,
    /// The dispersion.
    NegativeBinomial(usize),
    /// The number of trials.
    Binomial(usize),
    /// The logits of the levels after the first.
    Ordinal(Vec<usize>),
    /// The probabilities of the levels after the first.
    Categorical(Vec<usize>),
}

/// What jumps or bends with time alone: a condition, or a table of time. Between its instants it
/// stands still, so that no step of a solver sees both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Switch {
    /// The row of signals that rates read instead; none where its instants need only be landed on
    /// (a condition that only guards depend on, a table that bends).
    pub signal: Option<usize>,
    /// The guard that finds its changes, where they can't be known in advance.
    pub guard: Option<usize>,
}
