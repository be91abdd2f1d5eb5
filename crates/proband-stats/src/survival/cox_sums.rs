//! The partial likelihood of the proportional hazards model and its derivatives, in one pass.

use super::Ties;
use super::intervals::Watched;
use crate::linear::matrix::Square;
use crate::order::tie_key;
use crate::regression::{Local, Standardised};
use crate::special::{exp, ln};

/// Rows sorted by stratum and by falling time, so that risk sets only grow on the way, but for rows
/// that entered late.
#[derive(Debug)]
pub(super) struct RiskSets {
    columns: usize,
    /// The original row at each place.
    pub(super) order: Vec<usize>,
    /// Standardised covariates in that order, row after row.
    rows: Vec<f64>,
    pub(super) event: Vec<bool>,
    pub(super) stop: Vec<f64>,
    pub(super) start: Option<Vec<f64>>,
    strata: Vec<Stratum>,
    ties: Ties,
}

#[derive(Debug)]
struct Stratum {
    /// The first place and the one after the last.
    from: usize,
    to: usize,
    /// The ends of its runs of tied times.
    ends: Vec<usize>,
    /// Its places by falling start, where rows have one.
    leaving: Vec<usize>,
}

/// Sums of weights, weighted covariates and their products over some rows: S0, S1, S2 of
/// P. K. Andersen & R. D. Gill, Annals of Statistics 10 (1982).
#[derive(Debug, Clone)]
pub(crate) struct Sums {
    pub(crate) s0: f64,
    pub(crate) s1: Vec<f64>,
    /// The lower half.
    pub(crate) s2: Square,
}

impl Sums {
    pub(crate) fn zeros(columns: usize) -> Self {
        Self { s0: 0.0, s1: vec![0.0; columns], s2: Square::zeros(columns) }
    }

    fn clear(&mut self) {
        *self = Self::zeros(self.s1.len());
    }

    pub(crate) fn add(&mut self, row: &[f64], weight: f64) {
        self.s0 += weight;
        for (i, x) in row.iter().enumerate() {
            let weighted = weight * x;
            self.s1[i] += weighted;
            for (j, y) in row[..=i].iter().enumerate() {
                self.s2.add(i, j, weighted * y);
            }
        }
    }
}

/// Tied events of one stratum and those at risk with them.
///
/// The l-th of d events has the denominator S0 - (l/d) D0 by Efron (JASA 72, 1977) and S0 by Breslow
/// (Biometrics 30, 1974), D0 being the sum over those who have the event. The sums over l of what
/// derivatives ask for are gathered first, so that matrices are touched once whatever the number of ties.
#[derive(Debug)]
pub(super) struct Deaths<'a> {
    pub(super) stratum: usize,
    pub(super) time: f64,
    pub(super) count: f64,
    /// The sum of predictors of those with the event, and of their covariates.
    eta: f64,
    x: &'a [f64],
    risk: &'a Sums,
    dying: &'a Sums,
    /// The sums over l of 1/den and share/den, share being l/d or 0.
    pub(super) a: [f64; 2],
    /// The sums over l of 1/den^2, share/den^2 and share^2/den^2.
    b: [f64; 3],
    logs: f64,
}

impl<'a> Deaths<'a> {
    fn gather(
        (stratum, time, count): (usize, f64, u32),
        (eta, x): (f64, &'a [f64]),
        (risk, dying): (&'a Sums, &'a Sums),
        ties: Ties,
    ) -> Self {
        let (mut a, mut b, mut logs) = ([0.0; 2], [0.0; 3], 0.0);
        for l in 0..count {
            let share = match ties {
                Ties::Efron => f64::from(l) / f64::from(count),
                Ties::Breslow => 0.0,
            };
            let denominator = risk.s0 - share * dying.s0;
            logs += ln(denominator);
            let inverse = 1.0 / denominator;
            a[0] += inverse;
            a[1] += share * inverse;
            b[0] += inverse * inverse;
            b[1] += share * inverse * inverse;
            b[2] += share * share * inverse * inverse;
        }
        Self { stratum, time, count: f64::from(count), eta, x, risk, dying, a, b, logs }
    }

    fn value(&self) -> f64 {
        self.eta - self.logs
    }

    /// The sum over l of the mean covariate at risk.
    pub(super) fn means(&self, i: usize) -> f64 {
        self.a[0] * self.risk.s1[i] - self.a[1] * self.dying.s1[i]
    }

    /// The sum over l of the mean covariate divided by the denominator; for those with the event, who
    /// leave the risk set by and by, with the factor 1 - share.
    pub(super) fn means_by_hazard(&self, i: usize) -> [f64; 2] {
        let (risk, dying) = (self.risk.s1[i], self.dying.s1[i]);
        let all = self.b[0] * risk - self.b[1] * dying;
        [all, all - (self.b[1] * risk - self.b[2] * dying)]
    }

    /// The derivative of the log-likelihood by coefficient i.
    pub(super) fn score(&self, i: usize) -> f64 {
        self.x[i] - self.means(i)
    }

    /// Minus the second derivative by coefficients i >= j.
    pub(super) fn information(&self, i: usize, j: usize) -> f64 {
        let (ri, di) = (self.risk.s1[i], self.dying.s1[i]);
        let (rj, dj) = (self.risk.s1[j], self.dying.s1[j]);
        let second = self.a[0] * self.risk.s2.at(i, j) - self.a[1] * self.dying.s2.at(i, j);
        second - (self.b[0] * ri * rj - self.b[1] * (ri * dj + di * rj) + self.b[2] * di * dj)
    }
}

impl RiskSets {
    pub(super) fn new(
        watched: Watched<'_>,
        strata: &[usize],
        design: &Standardised,
        ties: Ties,
    ) -> Self {
        let time = watched.stop;
        let mut order: Vec<usize> = (0..time.len()).collect();
        order.sort_by(|&a, &b| strata[a].cmp(&strata[b]).then(time[b].total_cmp(&time[a])));
        let at =
            |column: &[f64]| -> Vec<f64> { order.iter().map(|&row| column[row]).collect() };
        let (stop, start) = (at(time), watched.start.map(at));
        let mut from = 0;
        let strata = order
            .chunk_by(|&a, &b| strata[a] == strata[b])
            .map(|part| {
                let stratum = Stratum::new(from, part.len(), &stop, start.as_deref());
                from += part.len();
                stratum
            })
            .collect();
        Self {
            columns: design.columns,
            rows: order.iter().flat_map(|&row| design.row(row)).copied().collect(),
            event: order.iter().map(|&row| watched.event[row]).collect(),
            order,
            stop,
            start,
            strata,
            ties,
        }
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    pub(super) fn row(&self, place: usize) -> &[f64] {
        &self.rows[place * self.columns..(place + 1) * self.columns]
    }

    fn predictor(&self, place: usize, beta: &[f64]) -> f64 {
        self.row(place).iter().zip(beta).map(|(x, b)| x * b).sum()
    }

    /// Relative to the largest predictor of a stratum no exponential overflows; the shift cancels from
    /// the likelihood.
    fn shift(&self, stratum: &Stratum, beta: &[f64]) -> f64 {
        (stratum.from..stratum.to)
            .map(|place| self.predictor(place, beta))
            .fold(f64::NEG_INFINITY, f64::max)
    }

    /// The weight exp(predictor - shift) of every place, its stratum, and each stratum's shift.
    pub(super) fn weights(&self, beta: &[f64]) -> (Vec<(f64, usize)>, Vec<f64>) {
        let shifts: Vec<f64> = self.strata.iter().map(|s| self.shift(s, beta)).collect();
        let weights = self
            .strata
            .iter()
            .enumerate()
            .flat_map(|(k, s)| (s.from..s.to).map(move |place| (place, k)))
            .map(|(place, k)| (exp(self.predictor(place, beta) - shifts[k]), k))
            .collect();
        (weights, shifts)
    }

    /// Everything Newton's method needs at `beta`.
    pub(super) fn evaluate(&self, beta: &[f64]) -> Local {
        let mut total = Local {
            value: 0.0,
            score: vec![0.0; self.columns],
            information: Square::zeros(self.columns),
        };
        self.visit(beta, |deaths| {
            total.value += deaths.value();
            for i in 0..self.columns {
                total.score[i] += deaths.score(i);
                for j in 0..=i {
                    total.information.add(i, j, deaths.information(i, j));
                }
            }
        });
        total
    }

    /// Shows the events of each stratum, from the last time to the first.
    pub(super) fn visit(&self, beta: &[f64], mut each: impl FnMut(&Deaths<'_>)) {
        for number in 0..self.strata.len() {
            self.visit_stratum(beta, number, &mut each);
        }
    }

    fn visit_stratum(&self, beta: &[f64], number: usize, each: &mut impl FnMut(&Deaths<'_>)) {
        let stratum = &self.strata[number];
        let shift = self.shift(stratum, beta);
        let weight = |place: usize| exp(self.predictor(place, beta) - shift);
        let (mut risk, mut dying) = (Sums::zeros(self.columns), Sums::zeros(self.columns));
        let mut x = vec![0.0; self.columns];
        let mut leaving = stratum.leaving.iter().peekable();
        let mut at_risk = 0;
        let mut from = stratum.from;
        for &end in &stratum.ends {
            dying.clear();
            x.fill(0.0);
            let (mut count, mut sum) = (0_u32, 0.0);
            for place in from..end {
                let eta = self.predictor(place, beta) - shift;
                let weight = exp(eta);
                risk.add(self.row(place), weight);
                at_risk += 1;
                if self.event[place] {
                    count += 1;
                    dying.add(self.row(place), weight);
                    sum += eta;
                    for (total, value) in x.iter_mut().zip(self.row(place)) {
                        *total += value;
                    }
                }
            }
            let time = self.stop[from];
            from = end;
            if count == 0 {
                continue;
            }
            while let Some(&place) = leaving.next_if(|&&place| self.begins(place) >= time) {
                at_risk -= 1;
                if at_risk == 0 {
                    risk.clear();
                } else {
                    risk.add(self.row(place), -weight(place));
                }
            }
            let head = (number, time, count);
            each(&Deaths::gather(head, (sum, &x), (&risk, &dying), self.ties));
        }
    }

    pub(super) fn begins(&self, place: usize) -> f64 {
        self.start.as_ref().map_or(f64::NEG_INFINITY, |start| start[place])
    }
}

impl Stratum {
    fn new(from: usize, count: usize, stop: &[f64], start: Option<&[f64]>) -> Self {
        let to = from + count;
        let mut end = from;
        // 0 and -0 are the same time.
        let ends = stop[from..to]
            .chunk_by(|&a, &b| tie_key(a) == tie_key(b))
            .map(|run| {
                end += run.len();
                end
            })
            .collect();
        let mut leaving = Vec::new();
        if let Some(start) = start {
            leaving.extend(from..to);
            leaving.sort_by(|&a, &b| start[b].total_cmp(&start[a]));
        }
        Self { from, to, ends, leaving }
    }
}
