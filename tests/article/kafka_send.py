"""Sends to the topic `my_topic`: kafka_send.py [COUNT]"""

import sys

from kafka import KafkaProducer

producer = KafkaProducer(bootstrap_servers="localhost:9092")
for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
    message = "Hello, Kafka!"
    producer.send("my_topic", message.encode())
    producer.flush()
    print(" [x] Sent %r" % message, flush=True)
