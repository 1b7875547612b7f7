#include "base/endpoint.h"

#include <gtest/gtest.h>

namespace flotsam {
namespace {

using enum EndpointFault;

struct Row {
  const char* name;
  const char* url;
  EndpointFault fault;
};
constexpr Row kRows[] = {
    {"address and port", "http://127.0.0.1:9000", none},
    {"name", "https://s3.example.com/", none},
    {"a private address", "http://10.0.0.1", none},
    {"IPv6", "http://[::1]:9000", none},
    {"IPv6 with a zone", "http://[fd12::1%25eth0]", none},
    {"a path", "https://example.com/storage/v1/s3/", none},
    {"capitals", "HTTPS://S3.Example.com", none},
    {"AWS", "https://s3.eu-west-1.amazonaws.com", none},
    {"a name that ends like AWS", "http://notamazonaws.com", none},
    {"a name that begins like metadata", "http://metadata.example.com", none},
    {"a neighbour of the link-local net", "http://169.253.169.254", none},
    {"a neighbour of Alibaba's", "http://100.100.100.201", none},
    {"mapped, but harmless", "http://[::ffff:10.0.0.1]", none},
    {"NAT64, but harmless", "http://[64:ff9b::10.0.0.1]", none},
    {"6to4, but harmless", "http://[2002:a00:1::1]", none},
    {"user", "http://key:secret@127.0.0.1", user_information},
    {"user without scheme", "key:secret@127.0.0.1", user_information},
    {"@ in the path", "http://127.0.0.1/a@b", user_information},
    {"empty", "", no_scheme},
    {"no scheme", "127.0.0.1:9000", no_scheme},
    {"one slash", "http:/127.0.0.1", no_scheme},
    {"ftp", "ftp://host", other_scheme},
    {"empty scheme", "://host", other_scheme},
    {"query", "http://127.0.0.1:9000/?a", query},
    {"fragment", "http://127.0.0.1#a", query},
    {"blank", "http://127.0.0.1 :9000", character},
    {"line break", "https://ho\r\nst", character},
    {"backslash", "http://good.example.com\\169.254.169.254", character},
    {"not ASCII", "http://１６９.254.169.254", character},
    {"not ASCII in the path", "http://host/ü", character},
    {"percent in a host, which is decoded below", "http://169.254.169.25%34", character},
    {"quote in a host", "http://ho\"st", character},
    {"IPv6 without brackets", "http://fe80::1", character},
    {"bracket without end", "http://[::1", character},
    {"brackets around a name", "http://[host]", character},
    {"brackets inside", "http://a[::1]", character},
    {"no host", "http://", no_host},
    {"a port alone", "http://:9000", no_host},
    {"a path alone", "https:///srv", no_host},
    {"port 0", "http://host:0", port},
    {"port beyond", "http://host:65536", port},
    {"port missing", "http://host:", port},
    {"port of letters", "http://host:http", port},
    {"EC2", "http://169.254.169.254/", metadata},
    {"EC2 over TLS", "https://169.254.169.254", metadata},
    {"containers", "http://169.254.170.2:80", metadata},
    {"hexadecimal", "http://0xA9FEA9FE", metadata},
    {"octal", "http://0251.0376.0251.0376", metadata},
    {"one number", "http://2852039166", metadata},
    {"two numbers", "http://169.16689662", metadata},
    {"final dot", "http://169.254.169.254.", metadata},
    {"EC2 by IPv6", "http://[fd00:ec2::254]", metadata},
    {"EKS by IPv6", "http://[fd00:ec2::23]", metadata},
    {"link-local", "https://[fe80::1]:443", metadata},
    {"link-local with zone", "https://[fe80::1%25eth0]:443", metadata},
    {"the end of link-local", "https://[febf::1]", metadata},
    {"mapped", "http://[::ffff:169.254.169.254]:80", metadata},
    {"mapped in hexadecimal", "http://[::ffff:a9fe:a9fe]", metadata},
    {"compatible", "http://[::169.254.169.254]", metadata},
    {"NAT64", "http://[64:ff9b::169.254.169.254]", metadata},
    {"local NAT64", "http://[64:ff9b:1::a9fe:a9fe]", metadata},
    {"6to4", "http://[2002:a9fe:a9fe::1]", metadata},
    {"Alibaba", "http://100.100.100.200", metadata},
    {"Alibaba mapped", "http://[::ffff:100.100.100.200]", metadata},
    {"Azure's host", "http://168.63.129.16", metadata},
    {"Google by IPv6", "http://[fd20:ce::254]", metadata},
    {"Scaleway by IPv6", "http://[fd00:42::42]", metadata},
    {"Google by name", "http://Metadata.Google.internal", metadata},
    {"Google by name with a dot", "http://metadata.google.internal.", metadata},
    {"Google by its short name", "http://metadata.goog", metadata},
    {"the name alone", "http://metadata:80/", metadata},
    {"Tencent", "http://metadata.tencentyun.com", metadata},
    {"EC2 by name", "http://instance-data", metadata},
    {"EC2 by full name", "http://instance-data.ec2.internal", metadata},
    {"AWS without TLS", "http://s3.eu-west-1.amazonaws.com", plain_aws},
    {"AWS without TLS, capitals", "HTTP://S3.AmazonAWS.com:80", plain_aws},
    {"AWS without TLS, final dot", "http://s3.amazonaws.com.", plain_aws},
    {"AWS itself", "http://amazonaws.com", plain_aws},
    {"AWS in China", "http://s3.cn-north-1.amazonaws.com.cn", plain_aws},
    {"AWS in China itself", "http://amazonaws.com.cn", plain_aws},
};

TEST(Endpoint, IsJudgedInOnePlace) {
  for (const Row& row : kRows)
    EXPECT_EQ(static_cast<int>(read_endpoint(row.url).fault), static_cast<int>(row.fault)) << row.name;
}

TEST(Endpoint, IsSplit) {
  struct Split {
    const char* url;
    const char* scheme;
    const char* host;
    int port;
    const char* base_path;
  };
  for (const Split& row :
       {Split{"http://127.0.0.1:9000", "http", "127.0.0.1", 9000, ""},
        Split{"HTTPS://S3.Example.com:443/", "https", "s3.example.com", 0, ""},
        Split{"http://host:443", "http", "host", 443, ""}, Split{"http://host:80", "http", "host", 0, ""},
        Split{"https://host/Storage/v1//", "https", "host", 0, "/Storage/v1"},
        Split{"http://[FD12::1]:9000", "http", "[fd12::1]", 9000, ""},
        Split{"http://[fd12::1]", "http", "[fd12::1]", 0, ""}}) {
    const EndpointReading reading = read_endpoint(row.url);
    EXPECT_EQ(reading.fault, none) << row.url;
    EXPECT_EQ(reading.endpoint.scheme, row.scheme) << row.url;
    EXPECT_EQ(reading.endpoint.host, row.host) << row.url;
    EXPECT_EQ(reading.endpoint.port, row.port) << row.url;
    EXPECT_EQ(reading.endpoint.base_path, row.base_path) << row.url;
  }
}

}  // namespace
}  // namespace flotsam
