//! Systems written by hand, one lane at a time, and a host that plays a script.

use proband_ode::{
    Crossing, Effort, Failure, Field, Host, LaneState, Method, Next, Plan, Samples, Settings,
    Sparsity, Start, Statistics, Workspace, integrate,
};
use std::sync::Arc;

/// Parameters, time, states, and what to write.
pub(crate) type Function = Arc<dyn Fn(&[f64], f64, &[f64], &mut [f64])>;

/// A system: what is the same for all its twins.
#[derive(Clone)]
pub(crate) struct System {
    pub(crate) states: usize,
    pub(crate) rates: Function,
    pub(crate) jacobian: Option<(Sparsity, Function)>,
    pub(crate) time_derivative: Option<Function>,
    pub(crate) guards: (usize, Function),
    pub(crate) bounds: Vec<(f64, f64)>,
    pub(crate) effort: Effort,
}

pub(crate) fn function(f: impl Fn(&[f64], f64, &[f64], &mut [f64]) + 'static) -> Function {
    Arc::new(f)
}

impl System {
    pub(crate) fn new(
        states: usize,
        rates: impl Fn(&[f64], f64, &[f64], &mut [f64]) + 'static,
    ) -> Self {
        let bounds = vec![(f64::NEG_INFINITY, f64::INFINITY); states];
        Self {
            states,
            rates: function(rates),
            jacobian: None,
            time_derivative: None,
            guards: (0, function(|_, _, _, _| ())),
            bounds,
            effort: Effort { rates: 5 * states, jacobian: 5 * states },
        }
    }

    pub(crate) fn jacobian(
        mut self,
        entries: &[(usize, usize)],
        fill: impl Fn(&[f64], f64, &[f64], &mut [f64]) + 'static,
    ) -> Self {
        self.jacobian = Some((Sparsity::new(self.states, entries.to_vec()), function(fill)));
        self
    }

    pub(crate) fn guards(
        mut self,
        count: usize,
        fill: impl Fn(&[f64], f64, &[f64], &mut [f64]) + 'static,
    ) -> Self {
        self.guards = (count, function(fill));
        self
    }

    /// As a field of some lanes, with room for parameters.
    pub(crate) fn field(&self, lanes: usize) -> Lanes {
        Lanes { system: self.clone(), parameters: vec![vec![]; lanes], evaluations: 0 }
    }
}

/// A system over lanes: gathers each lane, calls the function, scatters.
pub(crate) struct Lanes {
    pub(crate) system: System,
    pub(crate) parameters: Vec<Vec<f64>>,
    pub(crate) evaluations: u64,
}

impl Lanes {
    fn each(&self, f: &Function, t: &[f64], y: &[f64], out: &mut [f64]) {
        let lanes = t.len();
        let mut row = vec![0.0; out.len() / lanes];
        for (lane, &t) in t.iter().enumerate() {
            if self.parameters[lane].is_empty() {
                continue;
            }
            let states: Vec<f64> = y.iter().skip(lane).step_by(lanes).copied().collect();
            f(&self.parameters[lane], t, &states, &mut row);
            out.iter_mut().skip(lane).step_by(lanes).zip(&row).for_each(|(o, r)| *o = *r);
        }
    }
}

/// A field whose lanes' parameters can be set and changed.
pub(crate) trait Seats: Field {
    fn seat(&mut self, lane: usize, parameters: &[f64]);
    fn parameters(&self, lane: usize) -> Vec<f64>;
}

impl Seats for Lanes {
    fn seat(&mut self, lane: usize, parameters: &[f64]) {
        self.parameters[lane] = parameters.to_vec();
    }

    fn parameters(&self, lane: usize) -> Vec<f64> {
        self.parameters[lane].clone()
    }
}

impl Field for Lanes {
    fn states(&self) -> usize {
        self.system.states
    }

    fn rates(&mut self, t: &[f64], y: &[f64], dy: &mut [f64]) {
        self.evaluations += 1;
        self.each(&self.system.rates, t, y, dy);
    }

    fn bounds(&self, state: usize) -> (f64, f64) {
        self.system.bounds[state]
    }

    fn jacobian(&self) -> Option<&Sparsity> {
        self.system.jacobian.as_ref().map(|(sparsity, _)| sparsity)
    }

    fn fill_jacobian(&mut self, t: &[f64], y: &[f64], entries: &mut [f64]) {
        let (_, fill) = self.system.jacobian.as_ref().expect("asked for only with a pattern");
        self.each(fill, t, y, entries);
    }

    fn depends_on_time(&self) -> bool {
        self.system.time_derivative.is_some()
    }

    fn time_derivative(&mut self, t: &[f64], y: &[f64], dt: &mut [f64]) {
        let fill =
            self.system.time_derivative.as_ref().expect("asked for only where there is one");
        self.each(fill, t, y, dt);
    }

    fn guards(&self) -> usize {
        self.system.guards.0
    }

    fn fill_guards(&mut self, t: &[f64], y: &[f64], guards: &mut [f64]) {
        self.each(&self.system.guards.1, t, y, guards);
    }

    fn effort(&self) -> Effort {
        self.system.effort
    }
}

/// What happens at a stop or a crossing: may change parameters and states.
pub(crate) type Action = Arc<dyn Fn(&mut Vec<f64>, f64, &mut [f64])>;

pub(crate) fn action(f: impl Fn(&mut Vec<f64>, f64, &mut [f64]) + 'static) -> Action {
    Arc::new(f)
}

/// One twin's script.
#[derive(Clone, Default)]
pub(crate) struct Twin {
    pub(crate) parameters: Vec<f64>,
    pub(crate) start: f64,
    pub(crate) y: Vec<f64>,
    /// Stops with what happens; the last ends the twin.
    pub(crate) stops: Vec<(f64, Option<Action>)>,
    pub(crate) samples: Vec<f64>,
    /// What happens at crossings of a guard in one direction.
    pub(crate) crossings: Vec<(Crossing, Action)>,
}

/// What became of a twin.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Path {
    pub(crate) samples: Vec<(f64, Vec<f64>)>,
    pub(crate) crossings: Vec<(Crossing, f64, Vec<f64>)>,
    pub(crate) failure: Option<(Failure, f64)>,
    pub(crate) end: Option<(f64, Vec<f64>)>,
}

/// Plays the scripts, each lane taking the next twin.
pub(crate) struct Script<'a> {
    twins: &'a [Twin],
    pub(crate) paths: Vec<Path>,
    next: usize,
    lanes: Vec<Seat>,
}

#[derive(Clone, Default)]
struct Seat {
    twin: usize,
    stop: usize,
    sample: usize,
}

impl<'a> Script<'a> {
    pub(crate) fn new(twins: &'a [Twin], lanes: usize) -> Self {
        let paths = vec![Path::default(); twins.len()];
        Self { twins, paths, next: 0, lanes: vec![Seat::default(); lanes] }
    }

    fn plan(&self, lane: usize) -> Plan {
        let seat = &self.lanes[lane];
        let twin = &self.twins[seat.twin];
        let sample = twin.samples.get(seat.sample).copied().unwrap_or(f64::INFINITY);
        Plan { stop: twin.stops[seat.stop].0, sample }
    }

    fn act<F: Seats>(
        field: &mut F,
        lane: usize,
        t: f64,
        y: &mut LaneState<'_>,
        action: &Action,
    ) {
        let (mut parameters, mut states) = (field.parameters(lane), states(y));
        action(&mut parameters, t, &mut states);
        field.seat(lane, &parameters);
        states.iter().enumerate().for_each(|(state, &value)| y.set(state, value));
    }
}

fn states(y: &LaneState<'_>) -> Vec<f64> {
    (0..y.len()).map(|state| y.get(state)).collect()
}

impl<F: Seats> Host<F> for Script<'_> {
    fn load(&mut self, field: &mut F, lane: usize, mut y: LaneState<'_>) -> Option<Start> {
        let twin = self.twins.get(self.next)?;
        self.lanes[lane] = Seat { twin: self.next, ..Seat::default() };
        self.next += 1;
        field.seat(lane, &twin.parameters);
        twin.y.iter().enumerate().for_each(|(state, &value)| y.set(state, value));
        Some(Start { t: twin.start, plan: self.plan(lane) })
    }

    fn next_sample(&mut self, lane: usize) -> f64 {
        self.lanes[lane].sample += 1;
        self.plan(lane).sample
    }

    fn samples(&mut self, _: &mut F, samples: &Samples<'_>) {
        let lanes = samples.t.len();
        for lane in (0..lanes).filter(|lane| samples.lanes >> lane & 1 == 1) {
            let y = samples.y.iter().skip(lane).step_by(lanes).copied().collect();
            self.paths[self.lanes[lane].twin].samples.push((samples.t[lane], y));
        }
    }

    fn stop(&mut self, field: &mut F, lane: usize, t: f64, mut y: LaneState<'_>) -> Next {
        let twin = self.lanes[lane].twin;
        let (at, action) = &self.twins[twin].stops[self.lanes[lane].stop];
        assert!(*at <= t);
        let changes = action.is_some();
        if let Some(action) = action {
            Self::act(field, lane, t, &mut y, action);
        }
        self.lanes[lane].stop += 1;
        if self.lanes[lane].stop == self.twins[twin].stops.len() {
            self.paths[twin].end = Some((t, states(&y)));
            return Next::Finished;
        }
        let plan = self.plan(lane);
        if changes { Next::Afresh(plan) } else { Next::Onward(plan) }
    }

    fn crossing(
        &mut self,
        field: &mut F,
        lane: usize,
        crossing: Crossing,
        t: f64,
        mut y: LaneState<'_>,
    ) -> Next {
        let twin = self.lanes[lane].twin;
        self.paths[twin].crossings.push((crossing, t, states(&y)));
        let action = self.twins[twin].crossings.iter().find(|(which, _)| *which == crossing);
        let plan = self.plan(lane);
        let Some((_, action)) = action else { return Next::Onward(plan) };
        Self::act(field, lane, t, &mut y, action);
        Next::Afresh(plan)
    }

    fn fail(&mut self, _: &mut F, lane: usize, t: f64, failure: Failure, _: LaneState<'_>) {
        self.paths[self.lanes[lane].twin].failure = Some((failure, t));
    }
}

/// Settings with the same tolerances, relative and absolute, for all states.
pub(crate) fn settings(
    method: Method,
    states: usize,
    relative: f64,
    absolute: f64,
) -> Settings {
    let absolute = vec![absolute; states];
    let (longest_step, most_steps) = (f64::INFINITY, 1_000_000);
    Settings { method, relative, absolute, longest_step, most_steps, lanes: 8 }
}

/// Plays twins through a system.
pub(crate) fn play(
    system: &System,
    twins: &[Twin],
    settings: &Settings,
) -> (Vec<Path>, Statistics, u64) {
    play_in(&mut Workspace::new(), system, twins, settings)
}

/// Plays twins through a system in a given workspace.
pub(crate) fn play_in(
    work: &mut Workspace,
    system: &System,
    twins: &[Twin],
    settings: &Settings,
) -> (Vec<Path>, Statistics, u64) {
    let mut field = system.field(settings.lanes);
    let mut script = Script::new(twins, settings.lanes);
    let statistics = integrate(&mut field, &mut script, settings, work);
    (script.paths, statistics, field.evaluations)
}
