delete from observations
where (broker, t) in (
    select observations.broker, observations.t
    from brokers
    cross join observations on observations.broker = brokers.id and observations.t < ?1
    limit ?2
)
