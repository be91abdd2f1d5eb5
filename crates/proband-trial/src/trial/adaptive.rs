//! Looks at a trial that is under way, and what may change after them.

use crate::{Expression, Quantity, Trial};
use proband_lang::{Binary, Expr};

/// `[look.ID]`, `[sequential.ANALYSIS]`, `[adaptation.ID]` and `[escalation]`.
#[derive(Clone, Debug, Default)]
pub struct Adaptive {
    /// Looks, in the order of the file.
    pub looks: Vec<Look>,
    /// Group sequential designs, in the order of the file.
    pub sequential: Vec<Sequential>,
    /// Changes, in the order of the file.
    pub adaptations: Vec<Adaptation>,
    /// How the doses of a single arm are climbed.
    pub escalation: Option<Escalation>,
}

impl Adaptive {
    /// Whether the trial is looked at while it is under way.
    #[must_use]
    pub fn is_any(&self) -> bool {
        !self.looks.is_empty() || self.escalation.is_some()
    }
}

/// `[look.ID]`.
#[derive(Clone, Debug)]
pub struct Look {
    /// The id.
    pub id: String,
    /// A condition of the look context; the look falls when it first holds.
    pub when: Expression,
    /// Repeated after so many days.
    pub every: Option<f64>,
    /// Ends the trial.
    pub is_final: bool,
    /// What is analysed (positions in `Trial::analyses`).
    pub analyses: Vec<usize>,
    /// Days from the data cut to the decision.
    pub lag: f64,
}

impl Look {
    /// The number that a count is compared with in the condition: on its own, or as one of several joined
    /// by `or` and `and`. `is` says which counts are meant, `participants` is the planned enrolment.
    #[must_use]
    pub fn planned(
        &self,
        is: &dyn Fn(&TrialQuantity) -> bool,
        quantities: &[Quantity],
        participants: f64,
    ) -> Option<f64> {
        planned(&self.when.expr, is, quantities, participants)
    }
}

fn planned(
    when: &Expr,
    is: &dyn Fn(&TrialQuantity) -> bool,
    quantities: &[Quantity],
    participants: f64,
) -> Option<f64> {
    if let Expr::Binary(Binary::Or | Binary::And, left, right) = when {
        let left = planned(left, is, quantities, participants);
        return left.or_else(|| planned(right, is, quantities, participants));
    }
    let (count, least) = at_least(when)?;
    let of = |expr: &Expr| match expr {
        Expr::Symbol(symbol) => match quantities.get(symbol.index())? {
            Quantity::OfTrial(quantity) => Some(quantity),
            _ => None,
        },
        _ => None,
    };
    of(count).filter(|quantity| is(quantity))?;
    least.value_where(&|symbol| match of(&Expr::Symbol(symbol))? {
        TrialQuantity::Participants => Some(participants),
        _ => None,
    })
}

/// The two sides of `a >= b`, however it is written.
pub(crate) fn at_least(when: &Expr) -> Option<(&Expr, &Expr)> {
    match when {
        Expr::Binary(Binary::GreaterEqual | Binary::Greater, left, right) => {
            Some((left, right))
        }
        Expr::Binary(Binary::LessEqual | Binary::Less, left, right) => Some((right, left)),
        _ => None,
    }
}

/// What is known of the trial as a whole at a look. Times are days since the first day of accrual.
#[derive(Clone, Debug, PartialEq)]
pub enum TrialQuantity {
    /// Participants who have entered so far.
    Enrolled,
    /// The same; of the arm that is asked about, where one is.
    Randomised,
    /// Planned enrolment, as last changed.
    Participants,
    /// Days since the first day of accrual.
    Calendar,
    /// Events of an endpoint that is a time (position in `Trial::endpoints`).
    Events(usize),
    /// Participants who have attended an encounter (position); without encounters none.
    Attended(usize),
    /// Participants who entered so many days ago.
    FollowedFor(f64),
    /// The p-value of an analysis (position in `Trial::analyses`).
    PValue(usize),
    /// Its Z; above 0 is better, where the endpoint says what is.
    Z(usize),
    /// Its estimate, in the unit of its findings.
    Estimate(usize),
    /// The chance that it will have rejected at the end, if the effect is the one seen so far.
    ConditionalPower {
        /// Position in `Trial::analyses`.
        analysis: usize,
        /// In whom it was seen: a condition of the endpoint context, and the set of the analysis that is made
        /// for it (see `Analysis::at_looks_of`). None is everybody.
        subgroup: Option<Box<Expression>>,
    },
    /// The same, averaged over what is believed of the effect.
    PredictivePower(usize),
    /// The chance that its estimate is below a value.
    Posterior {
        /// Position in `Trial::analyses`.
        analysis: usize,
        /// In the unit of its findings.
        below: f64,
    },
}

impl TrialQuantity {
    /// As expressions write it.
    #[must_use]
    pub fn name(&self, trial: &Trial) -> String {
        let analysis = |of: usize| trial.analyses[of].id.as_str();
        match self {
            Self::Enrolled => "enrolled".to_owned(),
            Self::Randomised => "randomised".to_owned(),
            Self::Participants => "participants".to_owned(),
            Self::Calendar => "calendar".to_owned(),
            Self::Events(endpoint) => format!("events({})", trial.endpoints[*endpoint].id),
            Self::Attended(at) => format!("completed({})", trial.encounters[*at].label),
            Self::FollowedFor(days) => format!("completed({days} day)"),
            Self::PValue(of) => format!("p({})", analysis(*of)),
            Self::Z(of) => format!("z({})", analysis(*of)),
            Self::Estimate(of) => format!("estimate({})", analysis(*of)),
            Self::ConditionalPower { analysis: of, subgroup: None } => {
                format!("conditional_power({})", analysis(*of))
            }
            Self::ConditionalPower { analysis: of, subgroup: Some(group) } => {
                format!("conditional_power({}, {})", analysis(*of), group.text)
            }
            Self::PredictivePower(of) => format!("predictive_power({})", analysis(*of)),
            Self::Posterior { analysis: of, below } => {
                format!("posterior({} < {below})", analysis(*of))
            }
        }
    }
}

/// `[sequential.ANALYSIS]`.
#[derive(Clone, Debug)]
pub struct Sequential {
    /// Position in `Trial::analyses`.
    pub analysis: usize,
    /// When it rejects early; none waits for the final look.
    pub efficacy: Option<Spending>,
    /// When it gives up.
    pub futility: Option<Futility>,
    /// How stages are combined if what comes after a look depends on it.
    pub combine: Option<Combination>,
}

/// How an error probability is spent over the information.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "names of the functions")]
pub enum Spending {
    OBrienFleming,
    Pocock,
    KimDeMets {
        rho: f64,
    },
    HwangShihDeCani {
        gamma: f64,
    },
    /// Of efficacy: the level spent up to each look. Of futility: the Z to give up below, at each look
    /// but the last.
    User(Vec<f64>),
}

/// When a design gives up.
#[derive(Clone, Debug, PartialEq)]
pub struct Futility {
    /// How the type II error is spent.
    pub spending: Spending,
    /// 1 - the type II error; none for bounds of the user.
    pub power: Option<f64>,
    /// Whether the level relies on it.
    pub binding: bool,
}

/// How the stages of a trial that was changed are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words of the trial file")]
pub enum Combination {
    InverseNormal,
    Fisher,
}

/// `[adaptation.ID]`.
#[derive(Clone, Debug)]
pub struct Adaptation {
    /// The id.
    pub id: String,
    /// Positions in [`Adaptive::looks`].
    pub looks: Vec<usize>,
    /// Asked for each open arm but the control.
    pub each_arm: bool,
    /// A condition of the look context; always, where there is none.
    pub when: Option<Expression>,
    /// What is done.
    pub action: AdaptationAction,
}

/// What an adaptation does.
#[derive(Clone, Debug)]
pub enum AdaptationAction {
    /// The trial ends.
    Stop,
    /// Planned enrolment changes.
    Resize {
        /// The chance of success aimed at.
        power: f64,
        /// At least and at most so many participants.
        participants: (u64, u64),
        /// The effect assumed, without looking at the arms; none takes the effect seen.
        assume: Option<f64>,
    },
    /// The arm asked about closes, without success; or all but the best so many.
    Drop {
        /// How many arms beside the control stay.
        keep: Option<u64>,
    },
    /// The arm asked about closes, with success.
    Graduate,
    /// Arms open (positions in `Trial::arms`); they are closed until then.
    Add(Vec<usize>),
    /// Arms are allocated anew.
    Allocate {
        /// What each arm but the control weighs; together they keep the share they have.
        ratio: Expression,
        /// The least and the most of that share that an arm gets.
        within: (f64, f64),
    },
    /// Only these are enrolled, beside what eligibility says: a condition of the screening context.
    Enrich(Expression),
}

impl AdaptationAction {
    /// The word of the trial file.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Resize { .. } => "resize",
            Self::Drop { .. } => "drop",
            Self::Graduate => "graduate",
            Self::Add(_) => "add",
            Self::Allocate { .. } => "allocate",
            Self::Enrich(_) => "enrich",
        }
    }
}

/// `[escalation]`.
#[derive(Clone, Debug)]
pub struct Escalation {
    /// How the next dose is found.
    pub method: EscalationMethod,
    /// Dose-limiting toxicity: position in `Trial::endpoints`, a condition.
    pub endpoint: usize,
    /// Participants of a cohort.
    pub cohort: u64,
    /// The first rung, from 0.
    pub start: usize,
    /// Ends when so many have been treated at the rung that would be next.
    pub stop_at: Option<u64>,
    /// No rung that nobody has had is passed over.
    pub no_skip: bool,
    /// The regimen whose rungs are climbed (position in `Trial::regimens`).
    pub regimen: usize,
}

/// How the next dose is found.
#[derive(Clone, Debug, PartialEq)]
pub enum EscalationMethod {
    /// Three, then three more after one toxicity.
    ThreePlusThree,
    /// Bayesian optimal interval.
    Boin {
        /// The toxicity aimed at.
        target: f64,
        /// The highest toxicity that is too low.
        low: f64,
        /// The lowest toxicity that is too high.
        high: f64,
        /// A rung is left for good where its toxicity is above the target with this probability.
        eliminate: f64,
    },
    /// Continual reassessment.
    Crm {
        /// The toxicity aimed at.
        target: f64,
        /// A rung is left for good where its toxicity is above the target with this probability.
        eliminate: f64,
        /// Toxicity guessed for each rung.
        skeleton: Vec<f64>,
        /// Standard deviation of the parameter a priori.
        prior_sd: f64,
    },
    /// Modified toxicity probability intervals, the second kind.
    MtpiTwo {
        /// The toxicity aimed at.
        target: f64,
        /// A rung is left for good where its toxicity is above the target with this probability.
        eliminate: f64,
    },
    /// The interval 3+3.
    IThreePlusThree {
        /// The toxicity aimed at.
        target: f64,
        /// A rung is left for good where its toxicity is above the target with this probability.
        eliminate: f64,
    },
}
