// HBase in local mode, one JVM for master, region server and ZooKeeper, with the tables of OpenTSDB.
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.hbase.HBaseConfiguration;
import org.apache.hadoop.hbase.TableName;
import org.apache.hadoop.hbase.client.Admin;
import org.apache.hadoop.hbase.client.ColumnFamilyDescriptorBuilder;
import org.apache.hadoop.hbase.client.Connection;
import org.apache.hadoop.hbase.client.ConnectionFactory;
import org.apache.hadoop.hbase.client.TableDescriptorBuilder;
import org.apache.hadoop.hbase.master.HMaster;

public class HbaseNode {
  private static final String[][] TABLES = {
    {"tsdb", "t"}, {"tsdb-uid", "id", "name"}, {"tsdb-tree", "t"}, {"tsdb-meta", "name"},
  };

  private static void make(Admin admin, String[] table) throws Exception {
    TableName name = TableName.valueOf(table[0]);
    if (!admin.tableExists(name)) {
      TableDescriptorBuilder made = TableDescriptorBuilder.newBuilder(name);
      for (int family = 1; family < table.length; family++) {
        made.setColumnFamily(ColumnFamilyDescriptorBuilder.of(table[family]));
      }
      admin.createTable(made.build());
    }
    while (!admin.isTableAvailable(name)) Thread.sleep(100);
  }

  /** A file to make when the tables can be used. */
  public static void main(String[] words) throws Exception {
    Thread master = new Thread(() -> HMaster.main(new String[] {"start"}));
    master.start();
    try (Connection connection = ConnectionFactory.createConnection(HBaseConfiguration.create());
        Admin admin = connection.getAdmin()) {
      for (String[] table : TABLES) make(admin, table);
    }
    Files.writeString(Path.of(words[0]), "");
    master.join();
  }
}
