//! Which method to step with.

use crate::exponential::Exponential;
use crate::rodas5p::Rodas5P;
use crate::stepper::Stepper;
use crate::tsit5::Tsit5;
use crate::{Field, Host, Method, Settings, Statistics, Workspace, integrate};

/// A method, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The method chosen.
    pub method: Method,
    /// What the pilot took with each method tried.
    pub trials: [Option<Trial>; 2],
}

/// A pilot run with one method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trial {
    /// The method.
    pub method: Method,
    /// What it took.
    pub statistics: Statistics,
    /// Instructions per lane and step.
    pub effort: u64,
}

impl Trial {
    /// Instructions in all.
    pub fn cost(&self) -> u64 {
        let Statistics { accepted, rejected, restarts, .. } = self.statistics;
        self.effort.saturating_mul(accepted + rejected + restarts)
    }
}

/// Chooses a method by taking a few twins through each.
///
/// `pilot` makes a host of the same twins each time. The choice is by instructions counted, never
/// by time, so that it is the same on every machine; it depends on the field, the twins and the
/// tolerances alone. `settings.method` is not looked at. A field without a Jacobian leaves no
/// choice, and no pilot is run; nor is one without states.
pub fn choose<F: Field + ?Sized, H: Host<F>>(
    field: &mut F,
    mut pilot: impl FnMut() -> H,
    settings: &Settings,
    work: &mut Workspace,
) -> Choice {
    if field.jacobian().is_none() || field.states() == 0 {
        return Choice { method: Method::Tsit5, trials: [None, None] };
    }
    let stiff = Settings { method: Method::Rodas5P, ..settings.clone() };
    let stiff = trial(field, &mut pilot(), &stiff, work);
    // A twin that alone costs more than all have with the other method has settled the matter:
    // an explicit method may need any number of steps where a system is stiff.
    let enough = stiff.cost() / effort(field, Method::Tsit5).max(1) + 1;
    let most_steps = settings.most_steps.min(enough.max(1000));
    let explicit = Settings { method: Method::Tsit5, most_steps, ..settings.clone() };
    let explicit = trial(field, &mut pilot(), &explicit, work);
    Choice { method: better(&explicit, &stiff), trials: [Some(explicit), Some(stiff)] }
}

/// The method that failed for fewer twins, then the one that cost less.
///
/// Many rejections are the mark of an explicit method whose steps stability limits rather than
/// accuracy: it tries longer ones again and again. Fast modes then err by up to some hundred times
/// what was asked, so the stiff method is taken even where it costs twice as much.
fn better(explicit: &Trial, stiff: &Trial) -> Method {
    let Statistics { accepted, rejected, .. } = explicit.statistics;
    let handicap = if 10 * rejected > accepted { 2 } else { 1 };
    let explicit = (explicit.statistics.failures, explicit.cost().saturating_mul(handicap));
    if explicit <= (stiff.statistics.failures, stiff.cost()) {
        Method::Tsit5
    } else {
        Method::Rodas5P
    }
}

fn trial<F: Field + ?Sized, H: Host<F>>(
    field: &mut F,
    host: &mut H,
    settings: &Settings,
    work: &mut Workspace,
) -> Trial {
    let statistics = integrate(field, host, settings, work);
    let effort = effort(field, settings.method);
    Trial { method: settings.method, statistics, effort }
}

fn effort<F: Field + ?Sized>(field: &F, method: Method) -> u64 {
    let pattern = field.jacobian().expect("without one there is no choice");
    let effort = match method {
        Method::Tsit5 => Tsit5::effort(pattern, field.effort()),
        Method::Rodas5P => Rodas5P::effort(pattern, field.effort()),
        Method::Exact => Exponential::effort(pattern, field.effort()),
    };
    effort as u64
}
