//! Words for what findings are.

use proband_analysis::StatisticName as S;

/// What a statistic is called in a table.
pub(crate) fn statistic(name: S) -> &'static str {
    match name {
        S::LsMean => "least-squares mean",
        S::RestrictedMean => "restricted mean",
        S::MeanEvents => "mean number of events",
        S::Survival => "without the event",
        S::CumulativeHazard => "cumulative hazard",
        S::Incidence => "cumulative incidence",
        S::PosteriorMean => "posterior mean",
        S::Posterior => "probability of being better",
        S::TippingPoint => "tipping point",
        S::Slope => "slope",
        S::SlopeDifference => "difference of slopes",
        S::Joint => "joint claim",
        S::Difference => "difference",
        S::Contrast => "contrast",
        S::Interaction => "interaction",
        S::Shift => "shift of location",
        S::Superiority => "probability of a larger value",
        S::MeanEffect => "mean individual effect",
        S::Sd => "standard deviation",
        S::Minimum => "smallest",
        S::LowerQuartile => "lower quartile",
        S::Median => "median",
        S::UpperQuartile => "upper quartile",
        S::Maximum => "largest",
        S::RiskDifference => "risk difference",
        S::RiskRatio => "risk ratio",
        S::NumberNeeded => "number needed to treat",
        S::OddsRatio => "odds ratio",
        S::HazardRatio => "hazard ratio",
        S::WinRatio => "win ratio",
        S::NetBenefit => "net benefit",
        S::TimeRatio => "ratio of times",
        S::RateRatio => "rate ratio",
        S::RateDifference => "rate difference",
        S::LogRank => "observed - expected events",
        S::Test => "test",
        S::Shape => "shape",
        S::Dispersion => "dispersion",
        other => other.name(),
    }
}

/// What stands behind a method: model, interval and test.
pub(crate) fn method(name: &str) -> Option<&'static str> {
    Some(match name {
        "ANCOVA" => {
            "ANCOVA: linear model of all arms with the analysis's covariates and strata; t intervals."
        }
        "MMRM" => {
            "MMRM: arm by visit and baseline by visit, restricted maximum likelihood, visits as observed; t intervals."
        }
        "t-test" => "t-test: Welch's, unequal variances.",
        "Wilcoxon" => {
            "Wilcoxon: rank sum test with continuity correction; Hodges-Lehmann shift with Moses's interval."
        }
        "paired" => {
            "paired: each twin's value in one arm less its value in the other; t interval."
        }
        "proportions" => {
            "proportions: Newcombe's interval and the Miettinen-Nurminen test of the risk difference; ratios with Wald intervals of their logarithm."
        }
        "logistic" => {
            "logistic: regression of all arms, Wald intervals; risks standardised to all participants."
        }
        "Cochran-Mantel-Haenszel" => {
            "Cochran-Mantel-Haenszel: within strata, without continuity correction; Sato's and Robins-Breslow-Greenland's intervals."
        }
        "Fisher" => "Fisher: exact test, two-sided by probability.",
        "log-rank" => "log-rank: within strata.",
        "MaxCombo" => {
            "MaxCombo: the largest of four Fleming-Harrington tests, (0, 0), (0, 1), (1, 0) and (1, 1), with their joint distribution."
        }
        "restricted mean" => {
            "restricted mean: area under the Kaplan-Meier curve; normal intervals."
        }
        "Cox" => "Cox: proportional hazards within strata, Efron's ties, Wald intervals.",
        "Gray" => "Gray: cumulative incidence by Aalen and Johansen, and Gray's test of it.",
        "Fine-Gray" => {
            "Fine-Gray: proportional hazards of the subdistribution; robust Wald intervals."
        }
        "linear mixed" => {
            "linear mixed: lines in time by arm, with lines of the participants around them; restricted maximum likelihood; t intervals."
        }
        "beta-binomial" => {
            "beta-binomial: shares of the arms after independent beta priors; credible intervals."
        }
        "normal-normal" => {
            "normal-normal: adjusted difference after a normal prior, its standard error taken as known; credible intervals."
        }
        "negative binomial" => {
            "negative binomial: regression of all arms with time followed as offset, dispersion by maximum likelihood; Wald intervals."
        }
        "Poisson" => {
            "Poisson: regression of all arms with time followed as offset; Wald intervals."
        }
        _ => return None,
    })
}
