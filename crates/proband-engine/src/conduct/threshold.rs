//! When a threshold event happens: after its condition has held long enough, and then not again
//! before it is re-armed.
//!
//! The machine is told when the condition and the release condition change their truth, and when a
//! time it asked for has come. Re-arming waits for the condition to turn false as well: an event
//! needs an edge, or one whose two conditions overlap would fire without end.

/// How long the conditions of an event must hold, in the time unit of the system.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Holds {
    /// The condition.
    pub(crate) condition: f64,
    /// The release.
    pub(crate) release: f64,
}

/// The state of one event of one twin.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Threshold {
    condition: bool,
    release: bool,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Phase {
    /// Waits for the condition.
    Armed,
    /// The condition holds since `onset`, and counts at `due`.
    Holding { onset: f64, due: f64 },
    /// Has happened; waits for the release.
    Fired,
    /// The release holds, and counts at `due`.
    Releasing { due: f64 },
    /// Released; waits for the condition to turn false.
    Rearming,
    /// Will not happen again.
    Spent,
}

/// The event has happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fired {
    /// Since when the condition has held.
    pub(crate) onset: f64,
}

impl Threshold {
    /// Before anything is known: both conditions count as false.
    pub(crate) const ARMED: Self =
        Self { condition: false, release: false, phase: Phase::Armed };

    /// The time it wants to be woken at; infinity where there is none.
    pub(crate) fn due(&self) -> f64 {
        match self.phase {
            Phase::Holding { due, .. } | Phase::Releasing { due } => due,
            _ => f64::INFINITY,
        }
    }

    /// The condition has changed its truth at `t`. Without a release of its own
    /// (`own_release = false`), its turning false is the release.
    pub(crate) fn condition(
        &mut self,
        t: f64,
        holds: bool,
        need: Holds,
        own_release: bool,
    ) -> Option<Fired> {
        self.condition = holds;
        match (self.phase, holds) {
            (Phase::Armed, true) => {
                self.phase = Phase::Holding { onset: t, due: t + need.condition };
            }
            (Phase::Holding { .. } | Phase::Rearming, false) => self.phase = Phase::Armed,
            _ => {}
        }
        if !own_release {
            self.release_changed(t, !holds, need);
        }
        self.wake(t)
    }

    /// The release condition has changed its truth at `t`.
    pub(crate) fn release(&mut self, t: f64, holds: bool, need: Holds) -> Option<Fired> {
        self.release_changed(t, holds, need);
        self.wake(t)
    }

    fn release_changed(&mut self, t: f64, holds: bool, need: Holds) {
        self.release = holds;
        match (self.phase, holds) {
            (Phase::Fired, true) => self.phase = Phase::Releasing { due: t + need.release },
            (Phase::Releasing { .. }, false) => self.phase = Phase::Fired,
            _ => {}
        }
    }

    /// The time is `t`: what was due has come.
    pub(crate) fn wake(&mut self, t: f64) -> Option<Fired> {
        match self.phase {
            Phase::Holding { onset, due } if t >= due => {
                self.phase = Phase::Fired;
                Some(Fired { onset })
            }
            Phase::Releasing { due } if t >= due => {
                self.phase = if self.condition { Phase::Rearming } else { Phase::Armed };
                None
            }
            _ => None,
        }
    }

    /// After it has fired: starts waiting for the release that may hold already, or never again.
    pub(crate) fn fired(&mut self, t: f64, need: Holds, once: bool) {
        if once {
            self.phase = Phase::Spent;
        } else if self.release {
            self.phase = Phase::Releasing { due: t + need.release };
            // A release that needs no time has come at once.
            let _none_fires_while_releasing = self.wake(t);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT_ONCE: Holds = Holds { condition: 0.0, release: 0.0 };
    const WEEK: Holds = Holds { condition: 7.0, release: 0.0 };

    #[test]
    fn fires_at_each_rise_without_a_release_of_its_own() {
        let mut event = Threshold::ARMED;
        assert_eq!(event.condition(1.0, true, AT_ONCE, false), Some(Fired { onset: 1.0 }));
        event.fired(1.0, AT_ONCE, false);
        assert_eq!(event.condition(2.0, false, AT_ONCE, false), None);
        assert_eq!(event.condition(3.0, true, AT_ONCE, false), Some(Fired { onset: 3.0 }));
    }

    #[test]
    fn a_condition_that_holds_too_briefly_does_not_count() {
        let mut event = Threshold::ARMED;
        assert_eq!(event.condition(1.0, true, WEEK, false), None);
        assert_eq!(event.due().to_bits(), 8.0_f64.to_bits());
        assert_eq!(event.condition(5.0, false, WEEK, false), None);
        assert!(event.due().is_infinite());
        assert_eq!(event.condition(6.0, true, WEEK, false), None);
        assert_eq!(event.wake(13.0), Some(Fired { onset: 6.0 }), "the onset is kept");
    }

    #[test]
    fn waits_for_its_release() {
        let mut event = Threshold::ARMED;
        assert!(event.condition(1.0, true, AT_ONCE, true).is_some());
        event.fired(1.0, AT_ONCE, false);
        assert_eq!(event.condition(2.0, false, AT_ONCE, true), None);
        assert_eq!(event.condition(3.0, true, AT_ONCE, true), None, "not released yet");
        assert_eq!(event.condition(4.0, false, AT_ONCE, true), None);
        assert_eq!(event.release(5.0, true, AT_ONCE), None);
        assert!(event.condition(6.0, true, AT_ONCE, true).is_some());
    }

    #[test]
    fn a_release_must_hold_as_long_as_it_says() {
        let need = Holds { condition: 0.0, release: 15.0 };
        let mut event = Threshold::ARMED;
        assert!(event.condition(0.0, true, need, true).is_some());
        event.fired(0.0, need, false);
        event.condition(10.0, false, need, true);
        event.release(10.0, true, need);
        assert_eq!(event.due().to_bits(), 25.0_f64.to_bits());
        event.release(20.0, false, need);
        assert!(event.due().is_infinite());
        assert_eq!(event.condition(21.0, true, need, true), None, "still the first episode");
    }

    #[test]
    fn overlapping_conditions_do_not_fire_without_end() {
        let mut event = Threshold::ARMED;
        event.release(0.0, true, AT_ONCE);
        assert!(event.condition(1.0, true, AT_ONCE, true).is_some());
        event.fired(1.0, AT_ONCE, false);
        assert_eq!(event.wake(2.0), None);
        assert_eq!(event.condition(3.0, false, AT_ONCE, true), None);
        assert!(event.condition(4.0, true, AT_ONCE, true).is_some(), "a new edge");
    }

    #[test]
    fn once_is_once() {
        let mut event = Threshold::ARMED;
        assert!(event.condition(1.0, true, AT_ONCE, false).is_some());
        event.fired(1.0, AT_ONCE, true);
        event.condition(2.0, false, AT_ONCE, false);
        assert_eq!(event.condition(3.0, true, AT_ONCE, false), None);
    }
}
