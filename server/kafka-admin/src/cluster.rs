//! The brokers of a cluster.

use std::time::Duration;

use rdkafka::ClientContext;
use rdkafka_sys as sys;

use crate::{
    Admin, AdminError,
    admin::Request,
    native::{Event, pointers, text_of},
};

/// A cluster as one of its brokers describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    pub id: String,
    /// Brokers that are alive.
    pub nodes: Vec<Node>,
    /// The controller with ZooKeeper; with KRaft any live broker, since clients can't reach the real one.
    pub controller: Option<i32>,
}

/// A broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub id: i32,
    pub host: String,
    pub port: u16,
    /// Empty where none is configured.
    pub rack: String,
}

impl<C: ClientContext + 'static> Admin<C> {
    /// Which brokers there are.
    ///
    /// # Errors
    /// No broker answered in time, or one refused.
    pub async fn describe_cluster(&self, timeout: Duration) -> Result<Cluster, AdminError> {
        let operation = sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER;
        self.ask(
            Request::new(operation, timeout),
            |to| {
                // SAFETY: all of `to` is live.
                unsafe { sys::rd_kafka_DescribeCluster(to.client, to.options, to.queue) };
            },
            read_cluster,
        )
        .await
    }
}

fn read_cluster(event: &Event) -> Cluster {
    let mut count = 0;
    // SAFETY: the event is the reply to DescribeCluster without an error; what it holds lives as long as it does,
    // and all of it is copied here.
    unsafe {
        let result = sys::rd_kafka_event_DescribeCluster_result(event.ptr());
        let nodes = sys::rd_kafka_DescribeCluster_result_nodes(result, &raw mut count);
        let controller = sys::rd_kafka_DescribeCluster_result_controller(result);
        Cluster {
            id: text_of(sys::rd_kafka_DescribeCluster_result_cluster_id(result)),
            nodes: pointers(nodes, count).iter().map(|node| read_node(*node)).collect(),
            controller: (!controller.is_null()).then(|| sys::rd_kafka_Node_id(controller)),
        }
    }
}

/// # Safety
/// A live node.
unsafe fn read_node(node: *const sys::rd_kafka_Node_t) -> Node {
    // SAFETY: by the caller.
    unsafe {
        Node {
            id: sys::rd_kafka_Node_id(node),
            host: text_of(sys::rd_kafka_Node_host(node)),
            port: sys::rd_kafka_Node_port(node),
            rack: text_of(sys::rd_kafka_Node_rack(node)),
        }
    }
}
