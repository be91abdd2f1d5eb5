//! What is done about one participant when the trial sees something: rules, and how doses are taken.

use crate::Expression;

/// `[rule.ID]`.
#[derive(Clone, Debug)]
pub struct Rule {
    /// The id.
    pub id: String,
    /// A condition of the seen context; one on a missing value does not hold.
    pub when: Expression,
    /// When it is asked.
    pub check: Check,
    /// What is done.
    pub action: Action,
    /// To what (positions in `Trial::regimens`): those of these that the participant is given; all of
    /// the arm where empty.
    pub regimens: Vec<usize>,
    /// In which arms (positions); all where empty.
    pub arms: Vec<usize>,
    /// How often it is obeyed.
    pub followed: f64,
    /// After so many times `then` is done instead, or nothing.
    pub at_most: Option<u64>,
    /// What is done after these times, or where no rung is left.
    pub then: Option<Action>,
}

impl Rule {
    /// Whether it is asked in an arm.
    #[must_use]
    pub fn is_in(&self, arm: usize) -> bool {
        self.arms.is_empty() || self.arms.contains(&arm)
    }
}

/// When a rule is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// After the records of a visit.
    Encounter,
    /// Just before a scheduled dose.
    Dose,
}

/// What a rule does.
#[derive(Clone, Debug)]
pub enum Action {
    /// The next dose, and all that follow it in the schedule, come so many days later.
    Delay(f64),
    /// The next dose is not given.
    Skip,
    /// No dose is given until this condition (seen) holds.
    Hold(Expression),
    /// One rung down.
    Reduce,
    /// One rung up.
    Increase,
    /// From now on each dose is this amount, in the unit of the regimens.
    Set(Expression),
    /// Regimens (positions) begin now.
    Start(Vec<usize>),
    /// No dose is given any more.
    Stop,
    /// The regimens of this arm (position) are given from now on, in place of the present ones.
    Switch(usize),
    /// A further visit takes place.
    See {
        /// So many days later.
        after: f64,
        /// Position in `Trial::encounters` of what it observes; it has no planned time of its own.
        encounter: usize,
    },
    /// The participant leaves the trial.
    Withdraw,
}

impl Action {
    /// The word of the trial file.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Delay(_) => "delay",
            Self::Skip => "skip",
            Self::Hold(_) => "hold",
            Self::Reduce => "reduce",
            Self::Increase => "increase",
            Self::Set(_) => "set",
            Self::Start(_) => "start",
            Self::Stop => "stop",
            Self::Switch(_) => "switch",
            Self::See { .. } => "see",
            Self::Withdraw => "withdraw",
        }
    }

    /// Whether it is done to regimens, one by one, rather than to the participant.
    #[must_use]
    pub fn is_of_regimens(&self) -> bool {
        !matches!(self, Self::Start(_) | Self::Switch(_) | Self::See { .. } | Self::Withdraw)
    }

    /// The expression that it is asked about later or worked out from now.
    #[must_use]
    pub fn expression(&self) -> Option<&Expression> {
        match self {
            Self::Hold(expression) | Self::Set(expression) => Some(expression),
            _ => None,
        }
    }
}

/// `[adherence]`.
#[derive(Clone, Debug)]
pub struct Adherence {
    /// The chance that a scheduled dose is taken (truth context).
    pub taken: Expression,
    /// How participants differ in it: a standard deviation on the logit.
    pub between: f64,
    /// Doses are taken later than scheduled by the absolute value of a normal deviate with this standard
    /// deviation, in days.
    pub late: Option<f64>,
    /// The mean length of a run of missed doses, in days; without it doses are missed one by one.
    pub holiday: Option<f64>,
}
