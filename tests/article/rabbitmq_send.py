"""Sends to the queue `hello`: rabbitmq_send.py [COUNT]"""

import sys

import pika

connection = pika.BlockingConnection(pika.ConnectionParameters("localhost"))
channel = connection.channel()
channel.queue_declare(queue="hello")
for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
    message = "Hello, RabbitMQ!"
    channel.basic_publish(exchange="", routing_key="hello", body=message)
    print(" [x] Sent %r" % message, flush=True)
connection.close()
