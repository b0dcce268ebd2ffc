using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ueq.Versions;

namespace Ueq.Serving.Tests;

public sealed partial class PredictTests
{
    [Fact]
    public async Task TheAnswerHasTheShapeOfTheGuide()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        (int status, string body) = await server.Post("/predict", """{"X": [[1, 2, 3], [0.5, -1e-1, 0]], "return_uncertainty": true, "monitor": true}""");
        Assert.Equal(200, status);
        string golden =
            """{"predictions":[6,0.3999999985098839],"uncertainty":[[4.5,7.5],[-1.1000000014901161,1.8999999985098839]],""" +
            "\"coverage\":0.9," +
            """
            "monitoring":{"state":"no_reference","drift_score":null,"alerts":[]},"inference_time":T,"request_id":1,"status":"success"}
            """;
        Assert.Equal(golden, InferenceTime().Replace(body, "\"inference_time\":T"));
    }

    [Fact]
    public async Task WithoutUncertaintyAndMonitoringBothAreNull()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        JsonElement answer = await server.Predict("""{"X":[[1,2,3]],"return_uncertainty":false,"monitor":false}""");
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("uncertainty").ValueKind);
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("monitoring").ValueKind);
        Assert.Equal(6, answer.GetProperty("predictions")[0].GetDouble());
    }

    [Fact]
    public async Task AnUnboundedIntervalIsTheTextInfinity()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        JsonElement answer = await server.Predict("""{"X":[[1,2,3]],"coverage":0.999}""");
        Assert.Equal("""["-Infinity","Infinity"]""", answer.GetProperty("uncertainty")[0].GetRawText());
        Assert.Equal(0.999, answer.GetProperty("coverage").GetDouble());
    }

    [Fact]
    public async Task ClassesAreNamed()
    {
        await using Server server = await Server.Start(Fakes.Classes("setosa", "versi\"color", "virginica"));
        JsonElement answer = await server.Predict("""{"X":[[1,2],[2,0],[0,3]]}""");
        Assert.Equal("""["versi\"color","virginica","setosa"]""", answer.GetProperty("predictions").GetRawText());
        Assert.Equal("""["setosa","versi\"color","virginica"]""", answer.GetProperty("labels").GetRawText());
        Assert.Equal("""[["versi\"color","virginica"],[],["setosa","versi\"color","virginica"]]""", answer.GetProperty("sets").GetRawText());
        Assert.Equal(answer.GetProperty("sets").GetRawText(), answer.GetProperty("uncertainty").GetRawText());
        Assert.Equal("[0.1,0.7,0.2]", answer.GetProperty("probabilities")[0].GetRawText());
    }

    [Fact]
    public async Task ClassesWhoseNamesAreNumbersAreNumbers()
    {
        await using Server server = await Server.Start(Fakes.Classes("0", "1", "2"));
        JsonElement answer = await server.Predict("""{"X":[[1,2]]}""");
        Assert.Equal("[1]", answer.GetProperty("predictions").GetRawText());
        Assert.Equal("[[1,2]]", answer.GetProperty("sets").GetRawText());
    }

    [Fact]
    public async Task TextsAndNullsOfTheSchemaBecomeFeatures()
    {
        await using Server server = await Server.Start(Fakes.Sum(Fakes.Mixed));
        JsonElement answer = await server.Predict("""{"X":[[10,"green",5],[10,"red",null],[1,7,1],[1,"gr\u0065en",1]]}""");
        Assert.Equal("[16,-989,3,3]", answer.GetProperty("predictions").GetRawText());
    }

    [Fact]
    public async Task OddlySpeltButLegalBodiesAreRead()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        foreach (string body in new[] { "\uFEFF{\"X\":[[1,2,3]]}", "{\"\\u0058\":[[1,2,3]]}", " \r\n{ \"monitor\" :\ttrue , \"X\" : [ [ 1 , 2.0 , 30e-1 ] ] } \n" })
            Assert.Equal(6, (await server.Predict(body)).GetProperty("predictions")[0].GetDouble());
        foreach (string? type in new[] { null, "text/json", "application/json; charset=utf-8", "Application/JSON;charset=\"UTF-8\"" })
            Assert.Equal(200, (await server.Post("/predict", """{"X":[[1,2,3]]}""", type)).Status);
    }

    [Fact]
    public async Task RequestIdsRiseAndStandInTheHeader()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        for (int id = 1; id <= 3; id++)
        {
            using StringContent content = new(id == 2 ? "{}" : """{"X":[[1,2,3]]}""", null, "application/json");
            using HttpResponseMessage response = await server.Client.PostAsync(new Uri("/predict", UriKind.Relative), content);
            JsonElement body = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
            Assert.Equal(id, body.GetProperty("request_id").GetInt64());
            Assert.Equal(id.ToString(CultureInfo.InvariantCulture), response.Headers.GetValues("X-Request-Id").Single());
            Assert.False(response.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task SixtyFourCallersGetTheirOwnAnswers()
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true));
        await Task.WhenAll(Enumerable.Range(0, 64).Select(caller => Task.Run(async () =>
        {
            for (int i = 0; i < 20; i++)
            {
                int rows = 1 + (caller + i) % 7;
                string body = $"{{\"X\":[{string.Join(",", Enumerable.Range(0, rows).Select(r => $"[{caller},{i},{r}]"))}]}}";
                JsonElement answer = await server.Predict(body);
                double[] expected = [.. Enumerable.Range(0, rows).Select(r => (double)(caller + i + r))];
                Assert.Equal(expected, answer.GetProperty("predictions").EnumerateArray().Select(p => p.GetDouble()));
                Assert.Equal(expected[^1] + 1.5, answer.GetProperty("uncertainty")[rows - 1][1].GetDouble());
            }
        })));
    }

    [Fact]
    public async Task AnotherVersionIsServedAfterASwap()
    {
        await using Server server = await Server.Start(Fakes.Sum(3));
        server.Models.Serve(new ModelVersion(Fakes.Sum(2).Manifest, Fakes.Sum(2).Regressor!, default, new string('e', 64)), "y");
        Assert.Equal(3, (await server.Predict("""{"X":[[1,2]]}""")).GetProperty("predictions")[0].GetDouble());
        Assert.Equal(400, (await server.Post("/predict", """{"X":[[1,2,3]]}""")).Status);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task LargeRequestsComeBackInOrderWhateverTheBatches(int jobs)
    {
        await using Server server = await Server.Start(Fakes.Sum(), new UeqServiceConfig { JobCount = jobs });
        string body = $"{{\"batch_size\":7,\"X\":[{string.Join(",", Enumerable.Range(0, 10_000).Select(i => $"[{i},1,2]"))}]}}";
        JsonElement answer = await server.Predict(body, "/predict_large");
        Assert.Equal(Enumerable.Range(0, 10_000).Select(i => i + 3.0), answer.GetProperty("predictions").EnumerateArray().Select(p => p.GetDouble()));
        Assert.Equal(Enumerable.Range(0, 10_000).Select(i => i + 1.5), answer.GetProperty("uncertainty").EnumerateArray().Select(p => p[0].GetDouble()));
        Assert.Equal("success", answer.GetProperty("status").GetString());
    }

    [GeneratedRegex("\"inference_time\":[0-9.E-]+")]
    private static partial Regex InferenceTime();
}
