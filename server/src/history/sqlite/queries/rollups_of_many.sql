with recursive slots (hour) as (
    select ?2
    union all
    select hour + 3600000 from slots where hour + 3600000 <= ?3
)
select
    rollups.series, rollups.t, rollups.min, rollups.max, rollups.sum,
    rollups.count, rollups.last, rollups.increase, rollups.covered_ms
from json_each(?1) as wanted
cross join slots
cross join rollups on rollups.hour = slots.hour and rollups.series = wanted.value
