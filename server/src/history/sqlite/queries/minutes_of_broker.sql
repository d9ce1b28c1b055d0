with recursive slots (hour) as (
    select ?2
    union all
    select hour + 3600000 from slots where hour + 3600000 <= ?3
)
select
    rollups.series, rollups.t, rollups.min, rollups.max, rollups.sum,
    rollups.count, rollups.last, rollups.increase, rollups.covered_ms
from series
cross join slots
cross join rollups on rollups.hour = slots.hour and rollups.series = series.id
where series.broker = ?1 and series.queue is not null and series.consumer_group is null
    and series.partition is null and series.metric in (select value from json_each(?4))
