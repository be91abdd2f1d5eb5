# R's own functions on the data of `compare.py`: Rscript peers.R FOLDER TASK prints task, seconds, estimate, error.

arguments <- commandArgs(trailingOnly = TRUE)
task <- arguments[2]

read <- function(task, ...) {
  column <- function(name) {
    file <- file.path(arguments[1], paste0(task, ".", name, ".f64"))
    readBin(file, "double", file.size(file) / 8, endian = "little")
  }
  names <- c(...)
  as.data.frame(setNames(lapply(names, column), names))
}

timed <- function(run) {
  start <- proc.time()
  found <- run()
  spent <- proc.time() - start
  cat(sprintf("%s\t%.6f\t%.10f\t%.10f\n", task, spent[["user.self"]] + spent[["sys.self"]], found[1], found[2]))
}

if (task == "mmrm") {
  library(nlme)
  data <- read("mmrm", "participant", "visit", "arm", "base", "y")
  data$period <- data$visit + 1L
  data$visit <- factor(data$visit, levels = c(5, 0:4)) # the last visit is the reference
  timed(function() {
    fit <- gls(y ~ visit * arm + visit * base, data,
      correlation = corSymm(form = ~ period | participant), weights = varIdent(form = ~ 1 | visit), method = "REML")
    c(coef(fit)["arm"], sqrt(vcov(fit)["arm", "arm"]))
  })
} else if (task == "cox") {
  library(survival)
  data <- read("cox", "time", "event", "arm", "age", "marker")
  timed(function() {
    fit <- coxph(Surv(time, event) ~ arm + age + marker, data)
    c(coef(fit)["arm"], sqrt(vcov(fit)["arm", "arm"]))
  })
} else if (task == "log-rank") {
  library(survival)
  data <- read("logrank", "time", "event", "arm")
  timed(function() {
    test <- survdiff(Surv(time, event) ~ arm, data)
    c(test$obs[2] - test$exp[2], sqrt(test$var[2, 2]))
  })
} else if (task == "ancova") {
  data <- read("ancova", "arm", "site", "base", "y")
  timed(function() {
    fit <- lm(y ~ factor(arm) + factor(site) + base, data)
    c(coef(fit)["factor(arm)2"], sqrt(vcov(fit)["factor(arm)2", "factor(arm)2"]))
  })
}
