//! Reads each shape's keys.

use super::keys::{Reader, Slip};
use crate::expr::{Expr, ONE, Of, Resolver, Type, V};
use crate::facts::number;
use crate::knowledge::ColumnType;
use crate::rule::{
    Attribute, Check, Codes, Flagged, Gather, Hours, How, Measure, Per, SameDiagnosis, Selector, Shape, Tail,
    Tolerance, WindowKey,
};
use crate::span::Window;
use toml::Value;

type Read<T> = Result<T, Slip>;

/// The selection and the shape.
pub(crate) fn read(kind: (usize, &str), mut keys: Reader, resolver: &mut Resolver) -> Read<(Selector, Shape)> {
    let code = resolver.columns.iter().position(|(name, _)| name == "code").and_then(|place| u16::try_from(place).ok());
    let (offset, kind) = kind;
    let mut first = match kind {
        "pair_same_window" => match keys.selection("first", code, resolver)? {
            Some(first) => first,
            None => keys.selector(Of::Line, code, resolver)?,
        },
        "stay_gap" => keys.selector(Of::Visit, None, resolver)?,
        "set_complete" => members(&mut keys, resolver)?,
        _ => keys.selector(Of::Line, code, resolver)?,
    };
    resolver.of = first.of;
    let shape = match kind {
        "in_set" => Shape::InSet { outside: keys.flag("outside")? },
        "attr_mismatch" => attribute(&mut keys, resolver)?,
        "diag_gate" => gate(&mut keys, resolver)?,
        "pair_same_window" => pair(&mut keys, &first, resolver)?,
        "set_complete" => {
            let Codes::Rows(members) = first.codes else { return Err(keys_slip(offset, "members is row.column")) };
            let price = keys.formula("price", Type::Number, resolver)?;
            let gather = gather(&mut keys, resolver)?;
            Shape::Complete { members, price, gather }
        }
        "qty_per_window" => quantity(&mut keys, resolver)?,
        "days_per_window" => {
            let max = needed(&mut keys, "max", Type::Number, resolver)?;
            Shape::Days { gather: gather(&mut keys, resolver)?, max }
        }
        "min_interval" => {
            let min = keys.span("min", resolver)?.ok_or_else(|| keys_slip(offset, "min_interval needs “min”"))?;
            let gather = Gather {
                window: WindowKey::Const(Window::Ever),
                per: keys.per(resolver)?,
                same: keys.formulas("same", resolver)?,
            };
            Shape::Interval { gather, min }
        }
        "companion" => companion(&mut keys, offset, resolver)?,
        "price_cap" => Shape::Price { max: needed(&mut keys, "max", Type::Number, resolver)? },
        "discount" => {
            let rate = needed(&mut keys, "rate", Type::Number, resolver)?;
            let full = match keys.formula("full", Type::Number, resolver)? {
                Some(full) => full,
                None => resolver.formula("pric", Type::Number).map_err(|slip| keys_slip(offset, &slip.message))?,
            };
            Shape::Discount { gather: gather(&mut keys, resolver)?, rate, full }
        }
        "stay_gap" => stay_gap(&mut keys, &mut first, resolver)?,
        "check" => check(&mut keys, resolver)?,
        "collision" => collision(&mut keys, &first, offset, resolver)?,
        "balance" => balance(&mut keys, resolver)?,
        "peer_stat" => peer(&mut keys, resolver)?,
        _ => {
            return Err(keys_slip(
                offset,
                &format!(
                    "there is no shape “{kind}”; there are in_set, attr_mismatch, diag_gate, pair_same_window, set_complete, qty_per_window, days_per_window, min_interval, companion, price_cap, discount, stay_gap, check, collision, balance, peer_stat"
                ),
            ));
        }
    };
    keys.finish()?;
    Ok((first, shape))
}

fn keys_slip(offset: usize, message: &str) -> Slip {
    Slip { offset, message: message.to_owned() }
}

fn needed(keys: &mut Reader, name: &str, kind: Type, resolver: &mut Resolver) -> Read<Expr> {
    match keys.formula(name, kind, resolver)? {
        Some(expr) => Ok(expr),
        None => keys.need(name).map(|_| Expr::truth(false)),
    }
}

fn members(keys: &mut Reader, resolver: &mut Resolver) -> Read<Selector> {
    let offset = keys.offset;
    let members = keys.column("members", resolver)?.ok_or_else(|| keys_slip(offset, "set_complete needs “members”"))?;
    Ok(Selector { of: Of::Line, codes: Codes::Rows(members), when: keys.formula("when", Type::Flag, resolver)? })
}

fn gather(keys: &mut Reader, resolver: &mut Resolver) -> Read<Gather> {
    let offset = keys.offset;
    let window = keys.window("window", resolver)?.ok_or_else(|| keys_slip(offset, "the shape needs “window”"))?;
    Ok(Gather { window, per: keys.per(resolver)?, same: same(keys, resolver)? })
}

fn same(keys: &mut Reader, resolver: &mut Resolver) -> Read<Vec<Expr>> {
    let offset = keys.offset;
    let same = keys.formulas("same", resolver)?;
    if same.len() > 3 { Err(keys_slip(offset, "same takes at most three fields")) } else { Ok(same) }
}

fn attribute(keys: &mut Reader, resolver: &mut Resolver) -> Read<Shape> {
    let (offset, value) = keys.need("attribute")?;
    let Value::String(text) = value else {
        return Err(keys_slip(offset, "attribute is a formula in quotes, or \"age\""));
    };
    let (attribute, kind) = if text == "age" {
        (Attribute::Age(resolver.facts.number("brdy")), Type::Number)
    } else {
        let (expr, kind) = resolver.any(text).map_err(|slip| super::keys::placed(offset, slip))?;
        (Attribute::Of(expr), kind)
    };
    let of_age = matches!(attribute, Attribute::Age(_));
    let allowed = keys.set("allowed", resolver)?;
    let forbidden = keys.set("forbidden", resolver)?;
    let min = keys.bound("min", of_age, resolver)?;
    let max = keys.bound("max", of_age, resolver)?;
    if allowed.is_none() && forbidden.is_none() && min.is_none() && max.is_none() {
        return Err(keys_slip(offset, "attr_mismatch needs allowed, forbidden, min or max"));
    }
    if (allowed.is_some() || forbidden.is_some()) && kind != Type::Text {
        return Err(keys_slip(
            offset,
            &format!("allowed and forbidden compare codes; the attribute is {}", kind.words()),
        ));
    }
    if (min.is_some() || max.is_some()) && kind != Type::Number {
        return Err(keys_slip(offset, &format!("min and max compare numbers; the attribute is {}", kind.words())));
    }
    Ok(Shape::Attribute { attribute, allowed, forbidden, min, max })
}

fn gate(keys: &mut Reader, resolver: &mut Resolver) -> Read<Shape> {
    let offset = keys.offset;
    let needs = keys.set("needs", resolver)?;
    let forbids = keys.set("forbids", resolver)?;
    let (needs, set) = match (needs, forbids) {
        (Some(set), None) => (true, set),
        (None, Some(set)) => (false, set),
        _ => return Err(keys_slip(offset, "diag_gate takes either needs or forbids")),
    };
    Ok(Shape::Diagnoses { needs, set, main: keys.flag("main")?, lookback: keys.span("lookback", resolver)? })
}

fn pair(keys: &mut Reader, first: &Selector, resolver: &mut Resolver) -> Read<Shape> {
    let offset = keys.offset;
    let group = keys.column("group", resolver)?;
    let second = keys.selection("second", None, resolver)?;
    if group.is_some() == second.is_some() {
        return Err(keys_slip(offset, "pair_same_window takes either second or group"));
    }
    let window =
        keys.window("window", resolver)?.ok_or_else(|| keys_slip(offset, "pair_same_window needs “window”"))?;
    let flagged = match keys.text("flag")? {
        None | Some((_, "second")) => Flagged::Second,
        Some((_, "first")) => Flagged::First,
        Some((_, "cheaper")) => Flagged::Cheaper,
        Some((_, "both")) => Flagged::Both,
        Some((offset, other)) => {
            return Err(keys_slip(offset, &format!("flag is second, first, cheaper or both, not “{other}”")));
        }
    };
    let of = second.as_ref().map_or(first.of, |second| second.of);
    if matches!(flagged, Flagged::Cheaper | Flagged::Both) && of != first.of {
        return Err(keys_slip(offset, "flag = cheaper or both needs two records of one kind"));
    }
    let tolerance = keys.whole("tolerance_days", 0, resolver)?;
    let (from, to) = (keys.span("from", resolver)?, keys.span("to", resolver)?);
    if matches!(window, WindowKey::Const(Window::Offset)) && from.is_none() && to.is_none() {
        return Err(keys_slip(offset, "window = offset needs from or to"));
    }
    let same = same(keys, resolver)?;
    if flagged != Flagged::First {
        resolver.of = of;
    }
    resolver.other = Some(if flagged == Flagged::First { of } else { first.of });
    Ok(Shape::Pair { second, group, window, flagged, tolerance, from, to, same })
}

fn quantity(keys: &mut Reader, resolver: &mut Resolver) -> Read<Shape> {
    let gather = gather(keys, resolver)?;
    let measure = match keys.take("measure") {
        None if resolver.of == Of::Line => {
            Measure::Of(resolver.formula("cnt", Type::Number).map_err(|slip| keys_slip(keys.offset, &slip.message))?)
        }
        None => Measure::Count,
        Some((_, Value::String(word))) if word == "count" => Measure::Count,
        Some((_, Value::String(word))) if word == "distinct" => Measure::Distinct,
        Some((_, Value::String(word))) if word == "money" => Measure::Money,
        Some((offset, value)) => Measure::Of(super::keys::formula(offset, value, Type::Number, resolver)?),
    };
    let max = needed(keys, "max", Type::Number, resolver)?;
    let hours = match keys.text("bound")? {
        None => None,
        Some((_, "hours_present")) => Some(Hours::Always),
        Some((offset, text)) => {
            let place = resolver
                .columns
                .iter()
                .position(|(name, kind)| text == format!("row.{name}") && *kind == ColumnType::Flag);
            let place = place.and_then(|place| u16::try_from(place).ok());
            Some(Hours::Row(
                place.ok_or_else(|| keys_slip(offset, "bound is hours_present or a flag column of the row"))?,
            ))
        }
    };
    let merge_minutes = keys.whole("merge_minutes", 0, resolver)?;
    let merge_same = keys.formulas("merge_same", resolver)?;
    Ok(Shape::Quantity { gather, max, measure, hours, merge_minutes, merge_same })
}

fn companion(keys: &mut Reader, offset: usize, resolver: &mut Resolver) -> Read<Shape> {
    let needs = keys.selection("needs", None, resolver)?.ok_or_else(|| keys_slip(offset, "companion needs “needs”"))?;
    let window = keys.window("window", resolver)?.unwrap_or(WindowKey::Const(Window::Visit));
    let gather = Gather { window, per: Per::All, same: same(keys, resolver)? };
    let lookback = keys.span("lookback", resolver)?;
    let instead = keys.formula("instead", Type::Flag, resolver)?;
    Ok(Shape::Companion { needs, gather, lookback, instead, absent: keys.flag("absent")? })
}

fn stay_gap(keys: &mut Reader, first: &mut Selector, resolver: &mut Resolver) -> Read<Shape> {
    first.of = Of::Visit;
    resolver.of = Of::Visit;
    let max_days = needed(keys, "max_days", Type::Number, resolver)?;
    let diagnosis = match keys.text("same_diagnosis")? {
        None | Some((_, "category")) => SameDiagnosis::Category,
        Some((_, "none")) => SameDiagnosis::None,
        Some((_, "code")) => SameDiagnosis::Code,
        Some((offset, other)) => {
            return Err(keys_slip(offset, &format!("same_diagnosis is none, category or code, not “{other}”")));
        }
    };
    let offset = keys.offset;
    let same = match keys.take("same") {
        None => vec![resolver.any("fixmedins_code").map_err(|slip| keys_slip(offset, &slip.message))?.0],
        Some((offset, Value::Array(items))) => items
            .iter()
            .map(|item| {
                resolver
                    .any(item.as_str().unwrap_or_default())
                    .map(|(expr, _)| expr)
                    .map_err(|slip| keys_slip(offset, &slip.message))
            })
            .collect::<Result<_, _>>()?,
        Some((offset, _)) => return Err(keys_slip(offset, "same is a list of fields")),
    };
    if same.len() > 3 {
        return Err(keys_slip(offset, "same takes at most three fields"));
    }
    resolver.other = Some(Of::Visit);
    Ok(Shape::StayGap { max_days, diagnosis, same })
}

fn check(keys: &mut Reader, resolver: &mut Resolver) -> Read<Shape> {
    let offset = keys.offset;
    let mut checks = Vec::new();
    if let Some(violates) = keys.formula("violates", Type::Flag, resolver)? {
        checks.push(Check { violates, says: "".into() });
    }
    if let Some((offset, value)) = keys.take("checks") {
        let Value::Array(items) = value else {
            return Err(keys_slip(offset, "checks is a list of { id, violates, says }"));
        };
        for item in items {
            let text = |name: &str| item.get(name).and_then(Value::as_str);
            let (Some(violates), Some(id)) = (text("violates"), text("id")) else {
                return Err(keys_slip(offset, "each of checks has id, violates and says"));
            };
            let violates = resolver
                .formula(violates, Type::Flag)
                .map_err(|slip| keys_slip(offset, &format!("{id}: {}", slip.message)))?;
            checks.push(Check { violates, says: text("says").unwrap_or(id).into() });
        }
    }
    if checks.is_empty() {
        return Err(keys_slip(offset, "check needs violates or checks"));
    }
    Ok(Shape::Check { checks, excess: keys.formula("excess", Type::Number, resolver)? })
}

/// Places of fields by name.
fn places(keys: &mut Reader, name: &str, of: Of, resolver: &mut Resolver) -> Read<Vec<(u8, crate::expr::Miss)>> {
    let table = of.table();
    let (offset, value) = keys.need(name)?;
    let names: Option<Vec<&str>> = value.as_array().and_then(|items| items.iter().map(Value::as_str).collect());
    let names = names.ok_or_else(|| keys_slip(offset, &format!("{name} is a list of fields")))?;
    names
        .into_iter()
        .map(|field| {
            let place = crate::expr::place_of(table, field).map(|(place, _)| {
                resolver.facts.uses(of, place);
                (place, resolver.facts.number(field))
            });
            place.ok_or_else(|| keys_slip(offset, &format!("{name}: {table:?} has no field “{field}”")))
        })
        .collect()
}

fn collision(keys: &mut Reader, first: &Selector, offset: usize, resolver: &mut Resolver) -> Read<Shape> {
    let key = places(keys, "key", first.of, resolver)?;
    let how = match keys.text("how")? {
        Some((_, "night")) => How::Night,
        Some((_, "overlap")) => How::Overlap,
        Some((_, "repeat")) => How::Repeat,
        _ => return Err(keys_slip(offset, "collision needs how = night, overlap or repeat")),
    };
    let of = match how {
        How::Night => Of::Visit,
        How::Overlap => Of::Procedure,
        How::Repeat => Of::Line,
    };
    if first.of != of && !(how == How::Overlap && first.of == Of::Visit) {
        return Err(keys_slip(offset, &format!("how = {how:?} looks at of = {of:?}")));
    }
    let max = match keys.take("max") {
        None => ONE,
        Some((offset, value)) => number(value).ok_or_else(|| keys_slip(offset, "max is a number"))?,
    };
    Ok(Shape::Collision { key, how, max })
}

fn balance(keys: &mut Reader, resolver: &mut Resolver) -> Read<Shape> {
    let window = keys.window("window", resolver)?.unwrap_or(WindowKey::Const(Window::Month));
    let tolerance = match keys.take("tolerance") {
        None => Tolerance::Quantity(0),
        Some((offset, Value::String(text))) => {
            let text = match text.strip_prefix("param.").and_then(|name| resolver.parameters.get(name)) {
                Some(crate::facts::Parameter::Number(number)) => {
                    return Ok(Shape::Balance {
                        window,
                        tolerance: Tolerance::Quantity(*number),
                        factor: keys.formula("factor", Type::Number, resolver)?,
                    });
                }
                Some(crate::facts::Parameter::Text(text)) => text.clone(),
                _ => text.clone(),
            };
            let share = text.ends_with('%').then(|| crate::facts::number_text(&text)).flatten();
            Tolerance::Share(share.ok_or_else(|| keys_slip(offset, "tolerance is a quantity or a share such as '5%'"))?)
        }
        Some((offset, value)) => Tolerance::Quantity(
            number(value).ok_or_else(|| keys_slip(offset, "tolerance is a quantity or a share such as '5%'"))?,
        ),
    };
    Ok(Shape::Balance { window, tolerance, factor: keys.formula("factor", Type::Number, resolver)? })
}

fn peer(keys: &mut Reader, resolver: &mut Resolver) -> Read<Shape> {
    let offset = keys.offset;
    let numerator = needed(keys, "numerator", Type::Number, resolver)?;
    let denominator = needed(keys, "denominator", Type::Number, resolver)?;
    let mut peers = keys.formulas("peers", resolver)?;
    if peers.is_empty() {
        peers.push(resolver.formula("level", Type::Number).map_err(|slip| keys_slip(offset, &slip.message))?);
    }
    let percent = |number: i64| u32::try_from(number).ok().filter(|p| *p <= 100);
    let above = keys.whole("above", -1, resolver)?;
    let below = keys.whole("below", -1, resolver)?;
    let tail = match (percent(above), percent(below)) {
        (Some(above), None) => Tail::Above(above),
        (None, Some(below)) => Tail::Below(below),
        _ => return Err(keys_slip(offset, "peer_stat takes either above or below, a percentile of 0 to 100")),
    };
    let min_peers = usize::try_from(keys.whole("min_peers", 10, resolver)?).unwrap_or(10);
    let min_base = match keys.formula("min_base", Type::Number, resolver)? {
        None => 0,
        Some(Expr::Const(V::Num(number))) => number,
        Some(_) => return Err(keys_slip(offset, "min_base is a number")),
    };
    Ok(Shape::Peer { numerator, denominator, peers, tail, min_peers, min_base })
}
