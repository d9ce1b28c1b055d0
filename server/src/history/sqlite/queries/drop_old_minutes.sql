delete from observed_minutes
where (broker, t) in (
    select observed_minutes.broker, observed_minutes.t
    from brokers
    cross join observed_minutes on observed_minutes.broker = brokers.id and observed_minutes.t < ?1
    limit ?2
)
