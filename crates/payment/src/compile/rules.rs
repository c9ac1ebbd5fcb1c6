//! The rules of a plan: values, bands, routes, the price, caps, the month and the year.

use std::collections::BTreeSet;
use std::sync::Arc;

use toml::Spanned;

use super::Compiler;
use crate::expr::{Kind, Scope};
use crate::format::{BandFile, BandsFile, CapFile, PlanFile, RouteFile, Text, TierFile, YearFile};
use crate::plan::{
    Band, Bands, Cap, Edge, Gives, MonthRule, PriceRule, Route, RouteBy, ShareBy, Tier, ValueRule, YearRule,
};

pub(super) struct Rules {
    pub values: Vec<ValueRule>,
    pub bands: Vec<Bands>,
    pub routes: Vec<Route>,
    pub price: PriceRule,
    pub caps: Vec<Cap>,
    pub month: Option<MonthRule>,
    pub year: Option<YearRule>,
}

fn arc(text: &str) -> Arc<str> {
    text.into()
}

impl Compiler<'_> {
    pub(super) fn rules(&mut self, file: &PlanFile) -> Option<Rules> {
        let values = self.values(file);
        let ladder = file.year.as_ref().and_then(|year| year.get_ref().ladder.as_ref()).map(|id| id.as_ref().clone());
        let bands: Vec<Bands> = file.bands.iter().filter_map(|bands| self.bands(bands, ladder.as_deref())).collect();
        let routes: Vec<Route> =
            file.route.iter().filter_map(|route| self.route(route, file, ladder.as_deref())).collect();
        if file.route.is_empty() {
            self.reporter.error(file.plan.span().start, "the plan has no [[route]]: say how a case is priced");
        }
        let price = self.price(file);
        let caps = file.cap.iter().filter_map(|cap| self.cap(cap, file)).collect();
        let month = file.month.as_ref().and_then(|month| {
            let month = month.get_ref();
            Some(MonthRule {
                prepay: self.names.formula(&month.prepay, Scope::Institution, Kind::Number, &mut self.reporter)?,
                deposit: self.names.formula(&month.deposit, Scope::Institution, Kind::Number, &mut self.reporter)?,
                article: arc(&month.article),
            })
        });
        let year = file.year.as_ref().and_then(|year| self.year(year, file));
        Some(Rules { values, bands, routes, price: price?, caps, month, year })
    }

    fn values(&mut self, file: &PlanFile) -> Vec<ValueRule> {
        let mut values: Vec<ValueRule> = Vec::new();
        for value in &file.value {
            let id = value.id.as_ref();
            if self.names.taken(id) {
                self.reporter.error(value.id.span().start, format!("“{id}” is taken already"));
                continue;
            }
            let Some(formula) = self.names.any_formula(&value.formula, Scope::Case, &mut self.reporter) else {
                continue;
            };
            let round = value.round.as_ref().map(|round| self.round(round.get_ref(), formula.kind));
            if round.is_some() && matches!(formula.kind, Kind::Text | Kind::Flag) {
                self.reporter.error(value.id.span().start, format!("“{id}” is not a number and cannot be rounded"));
            }
            self.names.values.insert(id.clone(), (values.len(), formula.kind));
            values.push(ValueRule {
                id: arc(id),
                name: arc(&value.name),
                article: arc(&value.article),
                formula,
                round,
            });
        }
        values
    }

    fn bands(&mut self, written: &Spanned<BandsFile>, ladder: Option<&str>) -> Option<Bands> {
        let file = written.get_ref();
        let is_ladder = ladder == Some(file.id.as_ref());
        let scope = if is_ladder { Scope::Institution } else { Scope::Case };
        let on = self.names.formula(&file.on, scope, Kind::Number, &mut self.reporter);
        let from = self.reporter.date(&file.from);
        let last = file.tier.len().wrapping_sub(1);
        let mut tiers = Vec::new();
        for (i, tier) in file.tier.iter().enumerate() {
            match (&tier.get_ref().when, i == last) {
                (Some(_), true) => self.reporter.error(
                    tier.span().start,
                    "the last tier has a condition: a case that no tier takes has no band; leave out its `when`",
                ),
                (None, false) => self.reporter.error(
                    tier.span().start,
                    "this tier takes every case, so the tiers after it are never reached; give it a `when`",
                ),
                _ => {}
            }
            tiers.extend(self.tier(tier, &file.article, scope));
        }
        if file.tier.is_empty() {
            self.reporter.error(written.span().start, "these bands have no tier");
        }
        Some(Bands { id: arc(file.id.as_ref()), name: arc(&file.name), from: from?, on: on?, tiers })
    }

    fn tier(&mut self, written: &Spanned<TierFile>, article: &str, scope: Scope) -> Option<Tier> {
        let file = written.get_ref();
        let when = file.when.as_ref().map(|when| self.names.formula(when, scope, Kind::Flag, &mut self.reporter));
        let mut rows: Vec<Band> = Vec::new();
        let mut whole = true;
        let mut ids = BTreeSet::new();
        for row in &file.rows {
            if !ids.insert(row.get_ref().band.as_str()) {
                self.reporter
                    .error(row.span().start, format!("band “{}” is there twice in this tier", row.get_ref().band));
            }
            // After a row that could not be read, its neighbours cannot be judged.
            let Some(band) = self.band(row, article, scope) else {
                whole = false;
                continue;
            };
            if whole {
                self.joint(row.span().start, rows.last(), &band);
            }
            rows.push(band);
        }
        if let (true, Some(Edge { at, .. })) = (whole, rows.last().and_then(|band| band.to.as_ref())) {
            let message = format!("values above {at} have no band; leave out `to` in the last one");
            self.reporter.error(file.rows.last().map_or(written.span().start, |row| row.span().start), message);
        }
        if file.rows.is_empty() {
            self.reporter.error(written.span().start, format!("the tier “{}” has no bands", file.name));
        }
        let when = match when {
            Some(None) => return None,
            Some(Some(formula)) => Some(formula),
            None => None,
        };
        Some(Tier { name: arc(&file.name), when, rows })
    }

    /// Whether a band begins exactly where the one before it ends.
    fn joint(&mut self, at: usize, before: Option<&Band>, band: &Band) {
        let Some(before) = before else {
            if let Some(from) = &band.from
                && (!from.at.is_zero() || !from.included)
            {
                let message = format!("values below {} have no band; leave out `from` in the first one", from.at);
                self.reporter.error(at, message);
            }
            return;
        };
        let (Some(end), Some(begin)) = (&before.to, &band.from) else {
            let message = format!(
                "bands “{}” and “{}” overlap: give the first a `to`, the second a `from`",
                before.band, band.band
            );
            return self.reporter.error(at, message);
        };
        let (first, second) = (&before.band, &band.band);
        if begin.at > end.at {
            self.reporter
                .error(at, format!("between {} and {} there is a gap: no band takes these values", end.at, begin.at));
        } else if begin.at < end.at {
            self.reporter
                .error(at, format!("bands “{first}” and “{second}” overlap between {} and {}", begin.at, end.at));
        } else if begin.included && end.included {
            self.reporter
                .error(at, format!("{} belongs to “{first}” and to “{second}”: one of them excludes it", end.at));
        } else if !begin.included && !end.included {
            self.reporter.error(
                at,
                format!("{} belongs neither to “{first}” nor to “{second}”: one of them includes it", end.at),
            );
        }
    }

    fn band(&mut self, written: &Spanned<BandFile>, article: &str, scope: Scope) -> Option<Band> {
        let (at, file) = (written.span().start, written.get_ref());
        let from = self.edge(at, file.from.as_ref(), file.from_included, "from");
        let to = self.edge(at, file.to.as_ref(), file.to_included, "to");
        let scope = if scope == Scope::Institution { Scope::Rung } else { Scope::CaseBand };
        let gives = self.gives(at, file.points.as_ref(), file.amount.as_ref(), scope)?;
        if scope == Scope::Rung && matches!(gives, Gives::Points(_)) {
            self.reporter.error(at, "a rung of the year's ladder gives an amount");
        }
        let text = match &gives {
            Gives::Points(formula) | Gives::Amount(formula) => &formula.expr,
        };
        for (fact, edge) in [(crate::expr::Fact::From, &from), (crate::expr::Fact::To, &to)] {
            if edge.is_none() && speaks_of(text, fact) {
                self.reporter.error(at, format!("the formula speaks of `{}`, and this band has none", fact.name()));
            }
        }
        if let (Some(from), Some(to)) = (&from, &to)
            && from.at >= to.at
        {
            self.reporter.error(at, format!("band “{}” ends ({}) before it begins ({})", file.band, to.at, from.at));
        }
        let article = if file.article.is_empty() { article } else { &file.article };
        Some(Band { band: arc(&file.band), name: arc(&file.name), article: arc(article), from, to, gives })
    }

    fn edge(
        &mut self,
        at: usize,
        number: Option<&crate::format::Num>,
        included: Option<bool>,
        side: &str,
    ) -> Option<Edge> {
        match (number, included) {
            (Some(number), Some(included)) => Some(Edge { at: self.reporter.number(number)?, included }),
            (Some(number), None) => {
                let message = format!("say whether `{side}` belongs to the band: {side}_included = true or false");
                self.reporter.error(number.span().start, message);
                None
            }
            (None, Some(_)) => {
                self.reporter.error(at, format!("{side}_included stands without `{side}`"));
                None
            }
            (None, None) => None,
        }
    }

    fn gives(&mut self, at: usize, points: Option<&Text>, amount: Option<&Text>, scope: Scope) -> Option<Gives> {
        match (points, amount) {
            (Some(points), None) => {
                self.names.formula(points, scope, Kind::Number, &mut self.reporter).map(Gives::Points)
            }
            (None, Some(amount)) => {
                self.names.formula(amount, scope, Kind::Money, &mut self.reporter).map(Gives::Amount)
            }
            _ => {
                self.reporter.error(at, "give one of points = \"…\" and amount = \"…\"");
                None
            }
        }
    }

    fn route(&mut self, file: &RouteFile, plan: &PlanFile, ladder: Option<&str>) -> Option<Route> {
        let at = file.id.span().start;
        let when = self.names.formula(&file.when, Scope::Case, Kind::Flag, &mut self.reporter);
        let by = match (&file.bands, &file.points, &file.amount) {
            (Some(id), None, None) => {
                let known = has_bands(plan, id) && ladder != Some(id.as_ref());
                if !known {
                    self.reporter.error(id.span().start, format!("there are no [[bands]] “{}” for cases", id.as_ref()));
                }
                Some(RouteBy::Bands(arc(id.as_ref())))
            }
            (None, points, amount) => self.gives(at, points.as_ref(), amount.as_ref(), Scope::Case).map(RouteBy::Gives),
            _ => {
                self.reporter.error(at, "a route gives one of bands, points and amount");
                None
            }
        };
        let (id, name, article) = (arc(file.id.as_ref()), arc(&file.name), arc(&file.article));
        Some(Route { id, name, article, when: when?, by: by?, outside: file.outside })
    }

    fn price(&mut self, file: &PlanFile) -> Option<PriceRule> {
        let price = file.price.get_ref();
        let point_value = self.names.formula(&price.point_value, Scope::Case, Kind::Money, &mut self.reporter);
        let standard = price
            .standard
            .as_ref()
            .map(|standard| self.names.formula(standard, Scope::Case, Kind::Money, &mut self.reporter));
        let payment = self.names.formula(&price.payment, Scope::Points, Kind::Money, &mut self.reporter);
        let points = self.names.formula(&price.points, Scope::Amount, Kind::Number, &mut self.reporter);
        for (round, at) in [(&price.round.payment, "payment"), (&price.round.points, "points")] {
            if at == "payment" && round.places > 2 {
                self.reporter.error(file.price.span().start, "a payment has at most two decimals of 元");
            }
            if round.places > 10 {
                self.reporter.error(file.price.span().start, format!("{at}: at most ten decimals"));
            }
        }
        let standard = match standard {
            Some(None) => return None,
            Some(found) => found,
            None => None,
        };
        Some(PriceRule {
            article: arc(&price.article),
            point_value: point_value?,
            standard,
            payment: payment?,
            points: points?,
            round_points: self.round(&price.round.points, Kind::Number),
            round_payment: self.round(&price.round.payment, Kind::Money),
            round_point_value: self.round(&price.round.point_value, Kind::Money),
        })
    }

    fn cap(&mut self, file: &CapFile, plan: &PlanFile) -> Option<Cap> {
        let at = file.id.span().start;
        let share = self.names.formula(&file.share, Scope::Institution, Kind::Number, &mut self.reporter)?;
        let rows = || plan.bands.iter().flat_map(|b| &b.get_ref().tier).flat_map(|tier| &tier.get_ref().rows);
        let known_band = |id: &Text| rows().any(|row| row.get_ref().band == *id.as_ref());
        match (&file.band, &file.route, &file.instead) {
            (Some(band), None, Some(instead)) => {
                for id in [band, instead] {
                    if !known_band(id) {
                        self.reporter.error(id.span().start, format!("no band is named “{}”", id.as_ref()));
                    }
                }
            }
            (None, Some(route), None) => {
                if !plan.route.iter().any(|found| found.id.as_ref() == route.as_ref()) {
                    self.reporter.error(route.span().start, format!("no route is named “{}”", route.as_ref()));
                }
            }
            _ => self.reporter.error(
                at,
                "a cap is on a band, with `instead` = the band that takes the cases beyond it, \
                 or on a route of decided cases (特例单议), without `instead`",
            ),
        }
        Some(Cap {
            id: arc(file.id.as_ref()),
            name: arc(&file.name),
            article: arc(&file.article),
            band: file.band.as_ref().map(|text| arc(text.as_ref())),
            route: file.route.as_ref().map(|text| arc(text.as_ref())),
            share,
            instead: file.instead.as_ref().map(|text| arc(text.as_ref())),
        })
    }

    fn year(&mut self, written: &Spanned<YearFile>, plan: &PlanFile) -> Option<YearRule> {
        let file = written.get_ref();
        let share = match file.share.as_ref().as_str() {
            "points" => ShareBy::Points,
            "price" => ShareBy::Price,
            _ => {
                let message =
                    "share is points (the whole budget by points) or price (what was priced, cut to the budget)";
                self.reporter.error(file.share.span().start, message);
                ShareBy::Points
            }
        };
        if file.last_fen.as_ref() != "largest_remainder" {
            self.reporter.error(file.last_fen.span().start, "last_fen is largest_remainder (最大余数法)");
        }
        if let Some(id) = &file.ladder
            && !has_bands(plan, id)
        {
            self.reporter.error(id.span().start, format!("there are no [[bands]] “{}”", id.as_ref()));
        }
        let (mut from_returned, mut from_withheld, mut from_reserve) = (false, false, false);
        for source in &file.overspend_from {
            match source.as_ref().as_str() {
                "returned" => from_returned = true,
                "withheld" => from_withheld = true,
                "reserve" => from_reserve = true,
                _ => self.reporter.error(source.span().start, "overspend is paid from returned, withheld or reserve"),
            }
        }
        if from_reserve != file.reserve.is_some() {
            self.reporter.error(written.span().start, "`reserve` and overspend_from = [… \"reserve\"] go together");
        }
        let assessment = file
            .assessment
            .as_ref()
            .and_then(|text| self.names.formula(text, Scope::Institution, Kind::Number, &mut self.reporter));
        let reserve = file
            .reserve
            .as_ref()
            .and_then(|text| self.names.formula(text, Scope::Pool, Kind::Money, &mut self.reporter));
        Some(YearRule {
            share,
            assessment,
            ladder: file.ladder.as_ref().map(|id| arc(id.as_ref())),
            from_returned,
            from_withheld,
            reserve,
            article: arc(&file.article),
        })
    }
}

fn has_bands(plan: &PlanFile, id: &Text) -> bool {
    plan.bands.iter().any(|bands| bands.get_ref().id.as_ref() == id.as_ref())
}

fn speaks_of(expr: &crate::expr::Expr, fact: crate::expr::Fact) -> bool {
    use crate::expr::{Expr, Name};
    match expr {
        Expr::Name(Name::Fact(found)) => *found == fact,
        Expr::Number(_) | Expr::Text(_) | Expr::Flag(_) | Expr::Name(_) => false,
        Expr::Not(a) | Expr::Minus(a) | Expr::Floor(a) | Expr::RoundTo(a, ..) | Expr::PerDay(a) => speaks_of(a, fact),
        Expr::Binary(_, a, b) => speaks_of(a, fact) || speaks_of(b, fact),
        Expr::If(a, b, c) => [a, b, c].into_iter().any(|part| speaks_of(part, fact)),
        Expr::OneOf(a, list) => speaks_of(a, fact) || list.iter().any(|part| speaks_of(part, fact)),
        Expr::Min(list) | Expr::Max(list) => list.iter().any(|part| speaks_of(part, fact)),
    }
}
