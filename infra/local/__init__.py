"""The product on one machine: real PostgreSQL, Kafka and Zipkin without containers, and the `consortia` command."""
