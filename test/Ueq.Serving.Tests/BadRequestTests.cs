using System.Text;
using System.Text.Json;

namespace Ueq.Serving.Tests;

public sealed class BadRequestTests
{
    private const string Good = """{"X":[[1,2,3]]}""";

    public static TheoryData<string, int, string> BadBodies => new()
    {
        { "", 400, "$: expected a JSON object, got an empty body" },
        { "  \n", 400, "$: expected a JSON object, got an empty body" },
        { "{}", 400, "$.X: expected an array of rows, got no such key" },
        { "null", 400, "$: expected an object" },
        { "[[1,2,3]]", 400, "got an array" },
        { "hello", 400, "$: expected valid JSON, got 'hello' at byte 0" },
        { "\"text\"", 400, "got \"text\"" },
        { """{"X": []}""", 400, "$.X: expected one row or more, got an empty array" },
        { """{"X": [[]]}""", 400, "$.X[0]: expected 3 values in a row, found 0" },
        { """{"X": 7}""", 400, "$.X: expected an array of rows, got 7" },
        { """{"X": null}""", 400, "$.X: expected an array of rows, got null" },
        { """{"X": {"a":1}}""", 400, "$.X: expected an array of rows, got an object" },
        { """{"X": [1,2,3]}""", 400, "$.X[0]: expected a row, which is an array of 3 values, got 1" },
        { """{"X": [[1,2,3],[1,2]]}""", 400, "$.X[1]: expected 3 values in a row, found 2" },
        { """{"X": [[1,2,3],[1,2,3,[4],{"a":5},6]]}""", 400, "$.X[1]: expected 3 values in a row, found 6" },
        { """{"X": [[1,2,3],[4,5,6],[7,8,9],[1,2,"abc"]]}""", 400, "$.X[3][2]: expected a number, got \"abc\"" },
        { """{"X": [[1,"2",3]]}""", 400, "$.X[0][1]: expected a number, got \"2\"" },
        { """{"X": [[1,null,3]]}""", 400, "$.X[0][1]: expected a number, got null" },
        { """{"X": [[1,true,3]]}""", 400, "$.X[0][1]: expected a number, got true" },
        { """{"X": [[1,[2],3]]}""", 400, "$.X[0][1]: expected a number, got an array" },
        { """{"X": [[1,NaN,3]]}""", 400, "$.X[0][1]: expected a finite number, got NaN" },
        { """{"X": [[1,2,-Infinity]]}""", 400, "$.X[0][2]: expected a finite number, got -Infinity" },
        { """{"X": [[Infinity,2,3]]}""", 400, "$.X[0][0]: expected a finite number, got Infinity" },
        { """{"X": [[1e999,2,3]]}""", 400, "$.X[0][0]: expected a number within ±3.4e38, got 1e999" },
        { """{"X": [[1,-1e39,3]]}""", 400, "$.X[0][1]: expected a number within ±3.4e38, got -1e39" },
        { """{"X": [[01,2,3]]}""", 400, "$.X[0][0]" },
        { """{"X": [[1.,2,3]]}""", 400, "$.X[0][0]" },
        { """{"X": [[1,2,3,]]}""", 400, "$.X[0][3]" },
        { """{"X": [[1,2,3]],}""", 400, "$: expected valid JSON" },
        { """{"X": [[1,2,3]]} x""", 400, "$: expected valid JSON, got 'x' at byte 17" },
        { """{"X": [[1,2,3]]}{"X": [[1,2,3]]}""", 400, "at byte 16" },
        { """{"X": [[1,2,3]], "X": [[1,2,3]]}""", 400, "$.X: expected the key once, got it twice" },
        { """{"X": [[1,2,3]], "moniter": true}""", 400, "$.moniter: unknown key; did you mean \"monitor\"?" },
        { """{"x": [[1,2,3]]}""", 400, "$.x: unknown key; did you mean \"X\"?" },
        { """{"X": [[1,2,3]], "monitor": 1}""", 400, "$.monitor: expected true or false, got 1" },
        { """{"X": [[1,2,3]], "return_uncertainty": "yes"}""", 400, "$.return_uncertainty: expected true or false, got \"yes\"" },
        { """{"X": [[1,2,3]], "coverage": 1}""", 400, "$.coverage: expected a number strictly between 0 and 1, got 1" },
        { """{"X": [[1,2,3]], "coverage": 0}""", 400, "$.coverage" },
        { """{"X": [[1,2,3]], "coverage": 0.9999999999999999}""", 400, "$.coverage: expected a number strictly between 0 and 1" },
        { """{"X": [[1,2,3]], "coverage": 1e-320}""", 400, "$.coverage: expected a number strictly between 0 and 1" },
        { """{"X": [[1,2,3]], "priority": "\ud800"}""", 400, "half of one" },
        { """{"X": [[1,2,3]], "user_id": "\udc00"}""", 400, "half of one" },
        { """{"X": [[1,2,3]], "model": "\ud800"}""", 400, "half of one" },
        { """{"\ud800": 1}""", 400, "half of one" },
        { """{"X": [[1,2,3]], "coverage": -0.5}""", 400, "$.coverage" },
        { """{"X": [[1,2,3]], "coverage": 1e999}""", 400, "$.coverage" },
        { """{"X": [[1,2,3]], "coverage": "0.9"}""", 400, "$.coverage" },
        { """{"X": [[1,2,3]], "batch_size": 0}""", 400, "$.batch_size: expected a whole number from 1, got 0" },
        { """{"X": [[1,2""", 400, "$.X[0][1]: the JSON ends too early, at byte 11" },
        { """{"X": [[1,2,3]]""", 400, "the JSON ends too early, at byte 15" },
        { new string('[', 100_000), 400, "$: expected an object" },
        { "{\"X\":" + new string('[', 100_000), 400, "$.X[0]" },
        { "{\"X\": [[66.5,2,3]]}", 500, "the model failed on this request" },
        { "{\"X\": [[77.5,2,3]]}", 500, "the model answered NaN for row 0, expected a finite prediction" },
    };

    [Theory]
    [MemberData(nameof(BadBodies))]
    public async Task ABadBodyIsNamedAndTheNextGoodOneIsAnswered(string body, int status, string said)
    {
        await using Server server = await Server.Start(Fakes.Sum());
        foreach (string path in new[] { "/predict", "/predict_large" })
        {
            AssertError(await server.Post(path, body), status, said);
            Assert.Equal(200, (await server.Post(path, Good)).Status);
        }
    }

    [Theory]
    [InlineData("/predict_large?coverage=0.9999999999999999", "[1,2,3]\n", "application/x-ndjson", "?coverage: expected a number strictly between 0 and 1")]
    [InlineData("/predict_large?coverage=1e-320", "[1,2,3]\n", "application/x-ndjson", "?coverage: expected a number strictly between 0 and 1")]
    [InlineData("/feedback", """{"labels":[{"receipt":"\ud800","y":1}]}""", "application/json", "$.labels[0].receipt: expected texts of whole characters")]
    [InlineData("/feedback", """{"labels":[{"receipt":"a","y":"\udc00"}]}""", "application/json", "$.labels[0].y: expected texts of whole characters")]
    [InlineData("/feedback", """{"\ud800":1}""", "application/json", "half of one")]
    [InlineData("/silences", """{"\ud800":1}""", "application/json", "half of one")]
    [InlineData("/silences", """{"model":"\ud800"}""", "application/json", "half of one")]
    [InlineData("/experiments", """{"\ud800":1}""", "application/json", "half of one")]
    [InlineData("/experiments", """{"arms":{"\ud800":1}}""", "application/json", "half of one")]
    [InlineData("/v2/repository/index", """{"\ud800":1}""", "application/json", "half of one")]
    [InlineData("/v2/repository/models/model/load", """{"parameters":{"\ud800":1}}""", "application/json", "half of one")]
    [InlineData("/v2/models/model/infer", """{"\ud800":1}""", "application/json", "half of one")]
    [InlineData("/v2/models/model/infer", """{"parameters":{"coverage":1e-320}}""", "application/json", "strictly between 0 and 1")]
    public async Task WhatOnlyLooksLikeALevelOrATextIsRefused(string path, string body, string type, string said)
    {
        await using Server server = await Server.Start(Fakes.Sum());
        if (path.Contains("/model/", StringComparison.Ordinal)) path = path.Replace("/model/", $"/{server.Models.Served[0].Key}/", StringComparison.Ordinal);
        (int status, string text) = await server.Post(path, body, type);
        Assert.True(status == 400, $"{status}: {text}");
        Assert.Contains(said, JsonDocument.Parse(text).RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/predict?coverage=0.5", "?coverage: with a body of JSON it stands in the body")]
    [InlineData("/predict?user_id=ann", "?user_id: with a body")]
    [InlineData("/predict_large?batch_size=2", "?batch_size: with a body")]
    [InlineData("/predict_large?answers=after", null)]
    [InlineData("/predict?model=y&trace=7", null)]
    public async Task AnOptionThatWouldBePassedOverIsRefused(string path, string? said)
    {
        await using Server server = await Server.Start(Fakes.Sum());
        (int Status, string Body) answer = await server.Post(path, Good);
        if (said is not null) AssertError(answer, 400, said);
        else Assert.True(answer.Status == 200, answer.Body);
    }

    [Theory]
    [InlineData("/experiments", """{"name":"a","n\u0061me":"b"}""")]
    [InlineData("/v2/repository/index", """{"ready":true,"ready":false}""")]
    public async Task AKeyThatComesTwiceIsRefused(string path, string body)
    {
        await using Server server = await Server.Start(Fakes.Sum());
        (int status, string text) = await server.Post(path, body);
        Assert.True(status == 400, text);
        Assert.Contains("expected each key once, got one twice", JsonDocument.Parse(text).RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task BytesThatAreNoTextAreRefused()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        AssertError(await server.Post("/predict", [.. "{\"X\":\""u8, 0xFF, 0xFE, .. "\"}"u8]), 400, "expected UTF-8, got other bytes at byte 6");
        AssertError(await server.Post("/predict", [.. "{\""u8, 0xC3, .. "\":1}"u8]), 400, "expected UTF-8");
        byte[] garbage = new byte[10_000_000];
        for (int i = 0; i < garbage.Length; i++) garbage[i] = (byte)(i * 31 % 128);
        AssertError(await server.Post("/predict", garbage), 400, "$: expected");
        AssertError(await server.Post("/predict", Encoding.UTF8.GetBytes("{\"" + new string('k', 5_000_000) + "\":1}")), 400, "unknown key");
        Assert.Equal(200, (await server.Post("/predict", Good)).Status);
    }

    [Fact]
    public async Task AnUnknownCategoryIsNamedWithTheKnownOnes()
    {
        await using Server server = await Server.Start(Fakes.Sum(Fakes.Mixed));
        AssertError(
            await server.Post("/predict", """{"X":[[1,"red",2],[1,"blue",2]]}"""), 400,
            "$.X[1][1]: expected one of \"red\", \"green\", \"7\" (column \"colour\"), got \"blue\"");
        AssertError(await server.Post("/predict", """{"X":[[1,null,2]]}"""), 400, "$.X[0][1]: expected one of");
        AssertError(await server.Post("/predict", """{"X":[[null,"red",2]]}"""), 400, "$.X[0][0]: expected a number, got null");
        AssertError(await server.Post("/predict", """{"X":[[1,"red","2"]]}"""), 400, "$.X[0][2]: expected a number, got \"2\"");
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/json; charset=utf-16")]
    public async Task OtherContentTypesAreRefused(string type)
    {
        await using Server server = await Server.Start(Fakes.Sum());
        AssertError(await server.Post("/predict", Good, type), 415, "Content-Type: expected");
    }

    [Fact]
    public async Task ABodyOverTheLimitIs413WhetherItSaysItsLengthOrNot()
    {
        await using Server server = await Server.Start(Fakes.Sum(), new UeqServiceConfig { MaxBodyBytes = 1000, MaxRows = 5 });
        string head = "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
        string stated = await server.Raw($"{head}Content-Length: 1001\r\n\r\n{new string(' ', 1001)}");
        Assert.StartsWith("HTTP/1.1 413 ", stated, StringComparison.Ordinal);
        Assert.Contains("at most 1000 bytes", stated, StringComparison.Ordinal);
        string chunk = $"100\r\n{new string(' ', 256)}\r\n";
        string chunked = await server.Raw($"{head}Transfer-Encoding: chunked\r\n\r\n{string.Concat(Enumerable.Repeat(chunk, 8))}0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 413 ", chunked, StringComparison.Ordinal);
        AssertError(await server.Post("/predict", $"{{\"X\":[{string.Join(",", Enumerable.Repeat("[1,2,3]", 6))}]}}"), 413, "$.X: expected at most 5 rows");
        Assert.Equal(200, (await server.Post("/predict", Good)).Status);
    }

    [Fact]
    public async Task ABodyInManySmallPiecesIsRead()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        string chunks = string.Concat(Good.Select(c => $"1\r\n{c}\r\n"));
        string answer = await server.Raw($"POST /predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"predictions\":[6]", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/predict", 405)]
    [InlineData("HEAD", "/predict", 405)]
    [InlineData("DELETE", "/predict_large", 405)]
    [InlineData("POST", "/health", 405)]
    [InlineData("POST", "/model_info", 405)]
    [InlineData("PUT", "/metrics", 405)]
    [InlineData("POST", "/", 405)]
    [InlineData("GET", "/predict/", 405)]
    [InlineData("GET", "/nothing.txt", 404)]
    [InlineData("POST", "/predict/more", 404)]
    public async Task WrongVerbsAndAddressesAreErrorsInJson(string verb, string path, int status)
    {
        await using Server server = await Server.Start(Fakes.Sum());
        using HttpRequestMessage request = new(new HttpMethod(verb), path);
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        if (verb == "HEAD") Assert.Equal(status, (int)response.StatusCode);
        else AssertError(((int)response.StatusCode, await response.Content.ReadAsStringAsync()), status, "expected");
        Assert.Equal(status == 405, response.Content.Headers.Allow.Count > 0);
    }

    [Fact]
    public async Task AModelThatThrowsTellsNothingOfItself()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        (int status, string body) = await server.Post("/predict", """{"X":[[66.5,2,3]]}""");
        Assert.Equal(500, status);
        Assert.DoesNotContain("secret", body, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", body, StringComparison.Ordinal);
    }

    internal static void AssertError((int Status, string Body) answer, int status, string said)
    {
        Assert.True(answer.Status == status, $"expected {status}, got {answer.Status}: {answer.Body}");
        JsonElement error = JsonDocument.Parse(answer.Body).RootElement;
        Assert.Contains(said, error.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal("error", error.GetProperty("status").GetString());
        Assert.True(error.GetProperty("request_id").GetInt64() > 0);
        Assert.True(answer.Body.Length < 2000, "an error is short");
    }

    /// <summary>Kestrel has an overflow for it, not a refusal.</summary>
    [Fact]
    public async Task AChunkLargerThanAnyNumberIsRefused()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        using System.Net.Sockets.TcpClient client = new();
        await client.ConnectAsync(server.Client.BaseAddress!.Host, server.Client.BaseAddress.Port);
        await client.GetStream().WriteAsync("POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nffffffff1\r\n"u8.ToArray());
        using StreamReader reader = new(client.GetStream());
        Assert.StartsWith("HTTP/1.1 400", await reader.ReadLineAsync(), StringComparison.Ordinal);
    }
}
