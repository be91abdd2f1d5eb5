//! The trial's calendar: when each twin arrives to be screened, and at which site.
//!
//! Twins arrive in their order. Each has a place in line, which grows from twin to twin: by an exponential
//! number of mean 1 in a Poisson process, by 1 in an even one. A twin arrives on the day by which as many
//! arrivals are expected as its place says (E. Cinlar, Introduction to Stochastic Processes, 1975, section
//! 4.7: a Poisson process is one of rate 1 on the scale of its expected number). The exponential number is
//! addressed by the twin, so that all that a stretch of twins needs of those before it is one number.

use crate::screening::Stretch;
use proband_analysis::Came;
use proband_cohort::TwinKey;
use proband_math::stream::{Address, Purpose, Seed};
use proband_trial::{Accrual, Process, Rate, Source, Trial};

const WAIT: Purpose = Purpose::new("accrual/wait");
const SOURCE: Purpose = Purpose::new("accrual/source");
const SITE: Purpose = Purpose::new("accrual/site");

/// When a twin comes to the trial.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Arrival {
    /// Its place in line.
    pub(crate) place: f64,
    /// Days from the first day of accrual to the twin's day 1.
    pub(crate) entry: f64,
    /// Where it comes, if the trial names sites.
    pub(crate) site: Option<Site>,
}

impl Arrival {
    /// What expressions may ask of it.
    pub(crate) fn came(&self) -> Came {
        let Self { entry, site, .. } = *self;
        Came { entry, site: site.map(|site| site.kind), region: site.and_then(|s| s.region) }
    }
}

/// A site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    /// Its kind: position in `Accrual::sources`.
    pub(crate) kind: usize,
    /// Which of the sites of its kind, from 0.
    pub(crate) number: u32,
    /// Its region: position in `Accrual::regions`.
    pub(crate) region: Option<usize>,
}

/// The arrivals of a trial's twins.
#[derive(Clone, Debug)]
pub(crate) struct Arrivals<'t> {
    seed: Seed,
    /// None where all start together.
    process: Option<Process>,
    sources: &'t [Source],
    /// By source: the region of its sites.
    regions: Vec<Option<usize>>,
    ramp: Option<f64>,
    /// Between any two of them all rates are constant, or rise with the ramp.
    spans: Vec<Span>,
    /// From a twin's arrival to its day 1.
    until_day_1: f64,
}

/// A stretch of the calendar on which the rate of all arrivals is a straight line.
#[derive(Clone, Copy, Debug)]
struct Span {
    from: f64,
    /// Arrivals per day at its beginning.
    rate: f64,
    /// What the rate gains a day.
    slope: f64,
    /// Arrivals expected before it begins.
    before: f64,
    /// Arrivals expected before it ends.
    up_to: f64,
}

impl<'t> Arrivals<'t> {
    /// The arrivals of a trial whose simulated time begins at `start`, in days since day 1.
    pub(crate) fn new(trial: &'t Trial, start: f64) -> Self {
        let seed = Seed(trial.simulation.seed);
        let accrual = trial.accrual.as_ref();
        let mut arrivals = Self {
            seed,
            process: accrual.map(|accrual| accrual.process),
            sources: accrual.map_or(&[], |accrual| &accrual.sources),
            regions: accrual.map_or_else(Vec::new, regions),
            ramp: accrual.and_then(|accrual| accrual.ramp),
            spans: Vec::new(),
            until_day_1: -start,
        };
        arrivals.lay_out();
        arrivals
    }

    /// Cuts the calendar wherever a rate, a site or the ramp changes what comes.
    fn lay_out(&mut self) {
        let of_source = |source: &Source| {
            let rates = source.rates.iter().map(|rate| rate.from);
            rates.chain([source.opens, source.closes]).collect::<Vec<_>>()
        };
        let mut days: Vec<f64> = self.sources.iter().flat_map(of_source).collect();
        days.extend(self.ramp);
        days.retain(|day| day.is_finite());
        days.push(0.0);
        days.sort_by(f64::total_cmp);
        days.dedup();
        let ends = days[1..].iter().copied().chain([f64::INFINITY]);
        let mut before = 0.0;
        for (&from, to) in days.iter().zip(ends) {
            let full: f64 = self.sources.iter().map(|source| full_rate(source, from)).sum();
            let rising = self.ramp.filter(|&ramp| from < ramp);
            let rate = rising.map_or(full, |ramp| full * (from / ramp));
            let slope = rising.map_or(0.0, |ramp| full / ramp);
            let gained = if full > 0.0 { expected(rate, slope, to - from) } else { 0.0 };
            self.spans.push(Span { from, rate, slope, before, up_to: before + gained });
            before += gained;
        }
    }

    /// When the twins of a stretch arrive, in their order, up to the first for whom all doors are closed.
    pub(crate) fn of(&self, stretch: &Stretch) -> Vec<Arrival> {
        let mut after = stretch.after;
        let mut arrivals = Vec::new();
        for twin in stretch.keys() {
            after = self.next(twin, after);
            let Some(arrival) = self.arrival(twin, after) else { break };
            arrivals.push(arrival);
        }
        arrivals
    }

    /// The place in line of the last twin of a stretch.
    pub(crate) fn end(&self, stretch: &Stretch) -> f64 {
        stretch.keys().fold(stretch.after, |after, twin| self.next(twin, after))
    }

    /// The place in line of a twin that comes after one at another place.
    fn next(&self, twin: TwinKey, after: f64) -> f64 {
        match self.process {
            Some(Process::Poisson) => after + self.address(WAIT, twin).exponential(),
            // The first one stands in the middle of its interval.
            Some(Process::Uniform) => twin.number as f64 + 0.5,
            None => 0.0,
        }
    }

    /// The arrival of a twin with a place in line; none where so many never come.
    fn arrival(&self, twin: TwinKey, place: f64) -> Option<Arrival> {
        if self.process.is_none() {
            return Some(Arrival { place, entry: 0.0, site: None });
        }
        let span = self.spans.iter().find(|span| place <= span.up_to)?;
        let day = span.from + span.reaches(place - span.before);
        let (entry, site) = (day + self.until_day_1, self.site(twin, span.from));
        Some(Arrival { place, entry, site })
    }

    /// The site to which a twin comes at the rates of a day: each kind by what it brings, each of a kind
    /// alike.
    fn site(&self, twin: TwinKey, day: f64) -> Option<Site> {
        let sites = |source: &Source| source.sites.as_ref().map(|sites| sites.count);
        self.sources.first().and_then(sites)?;
        let rates = self.sources.iter().map(|source| full_rate(source, day));
        let total: f64 = rates.clone().sum();
        let mut left = self.address(SOURCE, twin).uniform() * total;
        let mut kind = 0;
        for (index, rate) in rates.enumerate().filter(|(_, rate)| *rate > 0.0) {
            kind = index;
            left -= rate;
            if left < 0.0 {
                break;
            }
        }
        let count = sites(&self.sources[kind]).unwrap_or(1);
        let number = self.address(SITE, twin).uniform() * f64::from(count);
        let number = (number as u32).min(count - 1);
        Some(Site { kind, number, region: self.regions[kind] })
    }

    fn address(&self, purpose: Purpose, twin: TwinKey) -> Address {
        let TwinKey { replicate, number } = twin;
        Address { replicate, twin: number, ..Address::new(self.seed, purpose) }
    }
}

/// By source: the position of its sites' region.
fn regions(accrual: &Accrual) -> Vec<Option<usize>> {
    let all = accrual.regions();
    let of = |source: &Source| {
        let region = source.sites.as_ref()?.region.as_deref()?;
        all.iter().position(|known| *known == region)
    };
    accrual.sources.iter().map(of).collect()
}

impl Span {
    /// How long it takes until so many are expected: the root of `rate d + slope d^2 / 2 = count`, in the
    /// form that neither cancels nor divides by a slope of 0.
    fn reaches(&self, count: f64) -> f64 {
        let Self { rate, slope, .. } = *self;
        2.0 * count / (rate + (rate * rate + 2.0 * slope * count).sqrt())
    }
}

/// Arrivals expected in so many days at a rate that begins so and gains `slope` a day.
fn expected(rate: f64, slope: f64, days: f64) -> f64 {
    let rising = if slope > 0.0 { 0.5 * slope * days * days } else { 0.0 };
    rate * days + rising
}

/// What a source brings on a day, but for the ramp.
fn full_rate(source: &Source, day: f64) -> f64 {
    if !(source.opens..source.closes).contains(&day) {
        return 0.0;
    }
    let in_force = source.rates.iter().rev().find(|rate: &&Rate| rate.from <= day);
    in_force.map_or(0.0, |rate| rate.per_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(rates: &[(f64, f64)], opens: f64, closes: f64) -> Source {
        let rates = rates.iter().map(|&(from, per_day)| Rate { from, per_day }).collect();
        Source { sites: None, rates, opens, closes }
    }

    fn arrivals<'t>(
        process: Process,
        sources: &'t [Source],
        ramp: Option<f64>,
    ) -> Arrivals<'t> {
        let mut arrivals = Arrivals {
            seed: Seed(3),
            process: Some(process),
            sources,
            regions: vec![None; sources.len()],
            ramp,
            spans: Vec::new(),
            until_day_1: 0.0,
        };
        arrivals.lay_out();
        arrivals
    }

    fn first(twins: u64) -> Stretch {
        Stretch { replicate: 0, twins: 0..twins, after: 0.0 }
    }

    #[test]
    fn counts_of_a_poisson_process_have_its_mean_and_variance() {
        // 2 a day in a ramp of 30 days, then 2 a day up to day 40: 30 + 20 arrivals.
        let sources = [source(&[(0.0, 2.0)], 0.0, f64::INFINITY)];
        let arrivals = arrivals(Process::Poisson, &sources, Some(30.0));
        const TRIALS: u32 = 4_000;
        let counts: Vec<f64> = (0..TRIALS)
            .map(|replicate| {
                let come = arrivals.of(&Stretch { replicate, ..first(150) });
                come.iter().filter(|arrival| arrival.entry <= 40.0).count() as f64
            })
            .collect();
        let n = f64::from(TRIALS);
        let mean = counts.iter().sum::<f64>() / n;
        let variance =
            counts.iter().map(|count| (count - mean).powi(2)).sum::<f64>() / (n - 1.0);
        // Standard errors: sqrt(50 / 4000) = 0.11 and 50 sqrt(2 / 4000) = 1.1; four of each.
        assert!((mean - 50.0).abs() < 0.45, "{mean}");
        assert!((variance - 50.0).abs() < 4.5, "{variance}");
    }

    #[test]
    fn gaps_at_a_constant_rate_are_exponential() {
        let sources = [source(&[(0.0, 4.0)], 0.0, f64::INFINITY)];
        let arrivals = arrivals(Process::Poisson, &sources, None);
        let all = arrivals.of(&first(20_000));
        let gaps = all.windows(2).map(|pair| pair[1].entry - pair[0].entry);
        let long = gaps.filter(|&gap| gap > 0.25).count() as f64 / 19_999.0;
        // exp(-1) = 0.3679; four standard errors are 0.0136.
        assert!((long - 0.367_879).abs() < 0.0136, "{long}");
    }

    #[test]
    fn a_stretch_goes_on_where_the_one_before_ends() {
        let sources = [
            source(&[(0.0, 3.0), (20.0, 5.0)], 0.0, 90.0),
            source(&[(0.0, 1.0)], 10.0, f64::INFINITY),
        ];
        let arrivals = arrivals(Process::Poisson, &sources, Some(15.0));
        let whole = arrivals.of(&first(500));
        let after = arrivals.end(&first(137));
        let rest = Stretch { replicate: 0, twins: 137..500, after };
        let halves = [arrivals.of(&first(137)), arrivals.of(&rest)].concat();
        assert_eq!(whole, halves);
        assert!(whole.is_sorted_by(|a, b| a.entry < b.entry));
    }

    #[test]
    fn nobody_comes_to_closed_doors() {
        let sources = [source(&[(5.0, 2.0)], 0.0, 15.0)];
        let arrivals = arrivals(Process::Uniform, &sources, None);
        let all = arrivals.of(&first(1_000));
        let days: Vec<f64> = all.iter().map(|arrival| arrival.entry).collect();
        assert_eq!(days.len(), 20);
        assert!((days[0] - 5.25).abs() < 1e-12 && (days[19] - 14.75).abs() < 1e-12, "{days:?}");
    }
}
