//! Whole journeys over real HTTP against 衡州's own folder, on both databases.

mod clearing;
mod cost;
mod credential;
mod example;
mod goods;
mod life;
mod lists;
mod messages;
mod refusals;
mod remind;
mod town;
mod visits;
