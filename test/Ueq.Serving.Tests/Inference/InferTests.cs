using System.Text.Json;
using Ueq.Conformal;
using Ueq.Versions;

namespace Ueq.Serving.Tests.Inference;

/// <summary>Tensors in JSON: what goes in, what comes out, and what is refused.</summary>
public sealed class InferTests
{
    private const string Rows = """{"id":"a\"1","inputs":[{"name":"input","shape":[2,3],"datatype":"FP32","data":[[1,2,3],[4,5,6]]}]}""";

    [Theory]
    [InlineData("[[1,2,3],[4,5,6]]")]
    [InlineData("[1,2,3,4,5,6]")]
    public async Task ValuesAreNestedOrFlat(string data)
    {
        await using Server server = await Server.Start(Fakes.Sum());
        JsonElement answer = await server.Infer(Rows.Replace("[[1,2,3],[4,5,6]]", data, StringComparison.Ordinal));
        Assert.Equal(("y", "001122334455", "a\"1"), (answer.GetProperty("model_name").GetString(), answer.GetProperty("model_version").GetString(), answer.GetProperty("id").GetString()));
        Assert.Equal("""{"coverage":0.9,"method":"split","calibration":"001122334455"}""", answer.GetProperty("parameters").GetRawText());
        Assert.Equal("""[{"name":"mean","datatype":"FP64","shape":[2],"data":[6,15]},{"name":"lower","datatype":"FP64","shape":[2,1],"data":[4.5,13.5]},{"name":"upper","datatype":"FP64","shape":[2,1],"data":[7.5,16.5]}]""", answer.GetProperty("outputs").GetRawText());
    }

    [Theory]
    [InlineData("[0.99, 0.8, 0.9]")]
    [InlineData("\"0.99,0.8,0.9\"")]
    public async Task SeveralLevelsAreColumnsInTheirOrder(string levels)
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true));
        JsonElement answer = await server.Infer(Rows.Replace("\"inputs\"", $"\"parameters\":{{\"coverage\":{levels}}},\"inputs\"", StringComparison.Ordinal));
        Assert.Equal("0.99,0.8,0.9", answer.GetProperty("parameters").GetProperty("coverage").GetString());
        Assert.Equal("[2,3]", answer.Output("lower").GetProperty("shape").GetRawText());
        Assert.Equal(["-Infinity", "4.5", "4.5", "-Infinity", "13.5", "13.5"], answer.Output("lower").Texts());
        Assert.Equal(["Infinity", "7.5", "7.5", "Infinity", "16.5", "16.5"], answer.Output("upper").Texts());
        // Rows are watched once, however many levels are asked for.
        await server.Until("/monitoring", m => m.GetProperty("rows").GetInt64() == 2);
    }

    [Fact]
    public async Task OnlyWantedOutputsAreAnsweredInTheirOrder()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        JsonElement answer = await server.Infer(Rows.Replace("\"inputs\"", """ "outputs":[{"name":"upper"},{"name":"mean"}],"inputs" """, StringComparison.Ordinal));
        Assert.Equal(["upper", "mean"], answer.GetProperty("outputs").EnumerateArray().Select(o => o.GetProperty("name").GetString()));
    }

    [Theory]
    [InlineData("FP16", "[1,2,3]")]
    [InlineData("FP32", "[1,2,3]")]
    [InlineData("FP64", "[1,2,3]")]
    [InlineData("INT8", "[1,2,3]")]
    [InlineData("INT16", "[1,2,3]")]
    [InlineData("INT32", "[1,2,3]")]
    [InlineData("INT64", "[1,2,3]")]
    [InlineData("UINT8", "[1,2,3]")]
    [InlineData("UINT16", "[1,2,3]")]
    [InlineData("UINT32", "[1,2,3]")]
    [InlineData("UINT64", "[1,2,3]")]
    [InlineData("BOOL", "[true,0,1]", 2)]
    public async Task EveryNumericDatatypeIsTaken(string type, string data, double expected = 6)
    {
        await using Server server = await Server.Start(Fakes.Sum());
        JsonElement answer = await server.Infer($$"""{"inputs":[{"data":{{data}},"name":"x","datatype":"{{type}}","shape":[1,3]}]}""");
        Assert.Equal(new double[] { expected }, answer.Output("mean").Numbers());
    }

    [Fact]
    public async Task ColumnsComeByNameInAnyOrder()
    {
        await using Server server = await Server.Start(Fakes.Sum(Fakes.Mixed));
        JsonElement metadata = (await server.Get("/v2/models/y")).Body;
        Assert.Equal("""[{"name":"age","datatype":"FP32","shape":[-1,1]},{"name":"colour","datatype":"BYTES","shape":[-1,1]},{"name":"income","datatype":"FP32","shape":[-1,1]}]""", metadata.GetProperty("inputs").GetRawText());
        JsonElement answer = await server.Infer("""
            {"inputs":[{"name":"income","shape":[3],"datatype":"FP64","data":[10,null,30]},
                       {"name":"colour","shape":[3,1],"datatype":"BYTES","data":["red","green",7]},
                       {"name":"age","shape":[3],"datatype":"INT32","data":[1,2,3]}]}
            """);
        // A category is one of its one-hot features; the fake model counts a missing value as -1000.
        Assert.Equal(new double[] { 12, -997, 34 }, answer.Output("mean").Numbers());
    }

    [Theory]
    [InlineData("""[]""", "$: expected an object")]
    [InlineData("""{}""", "$.inputs: expected an array of tensors, got no such key")]
    [InlineData("""{"inputs":[]}""", "one tensor or more")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32"}]}""", "$.inputs[0]: expected data or the parameter binary_data_size, got neither")]
    [InlineData("""{"inputs":[{"shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}""", "got no name")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP8","data":[1,2,3]}]}""", "$.inputs[0].datatype: expected one of BOOL, INT8")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,-3],"datatype":"FP32","data":[1,2,3]}]}""", "$.inputs[0].shape: expected lengths from 0, got -3")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","data":[1,2,3,4]}]}""", "$.inputs[0].shape: expected [rows, 3], got [1, 4]")]
    [InlineData("""{"inputs":[{"name":"x","shape":[3],"datatype":"FP32","data":[1,2,3]}]}""", "$.inputs[0].shape: expected [rows, 3], got [3]")]
    [InlineData("""{"inputs":[{"name":"x","shape":[0,3],"datatype":"FP32","data":[]}]}""", "expected one row or more")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2]}]}""", "expected 3 values, as the shape [1, 3] says, got 2")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3,4]}]}""", "element 3 (row 1): expected 3 values, as the shape [1, 3] says, got more")]
    [InlineData("""{"inputs":[{"name":"x","shape":[2,3],"datatype":"FP32","data":[[1,2,3],[4,5],[6]]}]}""", "element 5 (row 1): expected 3 values or arrays here")]
    [InlineData("""{"inputs":[{"name":"x","shape":[2,3],"datatype":"FP32","data":[[1,2,3],4,5,6]}]}""", "expected an array, as the values before it are nested")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,1e999,3]}]}""", "element 1 (row 0): expected a number in the range of FP32, got 1e999")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP64","data":[1,1e300,3]}]}""", "expected a number within ±3.4e38, got 1E+300")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,null,3]}]}""", "element 1 (row 0, column \"f1\"): expected a finite number, got NaN")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,"2",3]}]}""", "expected a number in the range of FP32, got \"2\"")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,NaN,3]}]}""", "expected a finite number, got NaN")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"INT8","data":[1,200,3]}]}""", "expected a whole number in the range of INT8, got 200")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"INT32","data":[1,2.5,3]}]}""", "expected a whole number in the range of INT32, got 2.5")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"BYTES","data":["a","b","c"]}]}""", "$.inputs[0].datatype: expected numbers, got BYTES")]
    [InlineData("""{"inputs":[{"name":"x","shape":[9223372036854775807,9223372036854775807],"datatype":"FP32","data":[1]}]}""", "got fewer")]
    [InlineData("""{"inputs":[{"name":"f0","shape":[1],"datatype":"FP32","data":[1]},{"name":"f1","shape":[1],"datatype":"FP32","data":[1]}]}""", "\"f2\" is missing")]
    [InlineData("""{"inputs":[{"name":"f0","shape":[1],"datatype":"FP32","data":[1]},{"name":"f0","shape":[1],"datatype":"FP32","data":[1]}]}""", "expected \"f0\" once, got it twice")]
    [InlineData("""{"inputs":[{"name":"f0","shape":[1],"datatype":"FP32","data":[1]},{"name":"fl1","shape":[1],"datatype":"FP32","data":[1]}]}""", "$.inputs[1].name: expected a column, got \"fl1\"; did you mean \"f1\"?")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}],"outputs":[{"name":"median"}]}""", "$.outputs[0].name: expected one of mean, lower, upper, receipts, got \"median\"")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}],"parameters":{"coverage":1}}""", "$.parameters.coverage: expected a number strictly between 0 and 1")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}],"parameters":{"coverge":0.8}}""", "$.parameters.coverge: unknown parameter; did you mean \"coverage\"?")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}],"inputs":[]}""", "$.inputs: expected the key once, got it twice")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}],"outputs":[{"name":"mean","parameters":{},"parameters":{}}]}""", "$.outputs[0].parameters: expected the key once, got it twice")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}],"outputs":[{"name":"mean","parameters":{"binary_data":false,"binary\u005fdata":true}}]}""", "$.outputs[0].parameters.binary_data: expected the key once, got it twice")]
    [InlineData("""{"id":"\ud800","inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}""", "unpaired surrogate")]
    [InlineData("""{"inputs":[{"name":"x\ud800","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}""", "unpaired surrogate")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,""", "$: expected valid JSON")]
    public async Task WhatIsWrongIsSaid(string body, string said)
    {
        await using Server server = await Server.Start(Fakes.Sum());
        Assert.Contains(said, await server.Refused(body, 400), StringComparison.Ordinal);
        Assert.Equal(new double[] { 6 }, (await server.Infer("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}""")).Output("mean").Numbers());
    }

    [Fact]
    public async Task ACategoryThatIsUnknownIsSaid()
    {
        await using Server server = await Server.Start(Fakes.Sum(Fakes.Mixed));
        string error = await server.Refused("""{"inputs":[{"name":"age","shape":[1],"datatype":"FP32","data":[1]},{"name":"colour","shape":[1],"datatype":"BYTES","data":["blue"]},{"name":"income","shape":[1],"datatype":"FP32","data":[1]}]}""", 400);
        Assert.Equal("$.inputs[1], element 0 (row 0, column \"colour\"): expected one of \"red\", \"green\", \"7\", got \"blue\"", error);
        Assert.Contains("a tensor per column", await server.Refused("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}""", 400), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TooMuchIsRefusedAndAFaultOfTheModelIsOurs()
    {
        await using Server server = await Server.Start(Fakes.Sum(), new UeqServiceConfig { MaxRows = 1, MaxBodyBytes = 500 });
        Assert.Contains("at most 1 rows", await server.Refused(Rows, 413), StringComparison.Ordinal);
        await server.Refused(Rows + new string(' ', 500), 413);
        Assert.DoesNotContain("secret", await server.Refused("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[66.5,2,3]}]}""", 500), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AClassifierAnswersLabelsProbabilitiesAndSets()
    {
        await using Server server = await Server.Start(Fakes.Classes("a", "b", "c"));
        JsonElement answer = await server.Infer("""{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":[0,2,1,1]}]}""");
        Assert.Equal(["a", "b"], answer.Output("label").Texts());
        Assert.Equal(new double[] { 0.7, 0.2, 0.1, 0.1, 0.7, 0.2 }, answer.Output("probabilities").Numbers());
        Assert.Equal(["True", "True", "False", "False", "True", "False"], answer.Output("sets").Texts());
        Assert.Equal("[2,3]", answer.Output("sets").GetProperty("shape").GetRawText());
        Assert.Contains("one level", await server.Refused("""{"parameters":{"coverage":[0.8,0.9]},"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[0,2]}]}""", 400), StringComparison.Ordinal);
        // The fake has no calibration to take p-values from.
        Assert.DoesNotContain("p_values", (await server.Get("/v2/models/y")).Body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PValuesAreThoseOfTheCalibration()
    {
        LabelSetCalibration calibration = LabelSetCalibration.FromScores([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], 2);
        ModelVersion fake = Fakes.Classes("n", "y");
        ConformalClassifier classifier = new(new Halves(), calibration, 2);
        await using Server server = await Server.Start(new ModelVersion(fake.Manifest, classifier, default, Fakes.Digest));
        JsonElement answer = await server.Infer("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[0,0]}]}""");
        Assert.Equal(new[] { calibration.PValue(0.25), calibration.PValue(0.75) }, answer.Output("p_values").Numbers());
    }

    [Fact]
    public async Task ReceiptsAreTakenByFeedbackAndUnmonitoredRowsAreNotWatched()
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true));
        JsonElement answer = await server.Infer(Rows.Replace("\"inputs\"", "\"parameters\":{\"receipts\":true,\"monitor\":false},\"inputs\"", StringComparison.Ordinal));
        string[] receipts = answer.Output("receipts").Texts();
        (int status, string text) = await server.Post("/feedback", $$"""{"labels":[{"receipt":"{{receipts[0]}}","y":6},{"receipt":"{{receipts[1]}}","y":99}]}""");
        Assert.True(status == 200 && text.Contains("\"accepted\":2", StringComparison.Ordinal), text);
        await server.Infer(Rows);
        await server.Until("/monitoring", m => m.GetProperty("rows").GetInt64() == 2);
    }

    [Fact]
    public async Task LevelsAreRightWhereRequestsWaitToo()
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true), new UeqServiceConfig { Batching = new BatchingConfig { Models = ["*"], Rows = 64, MaxConcurrent = 1 } });
        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            JsonElement answer = await server.Infer($$$"""{"parameters":{"coverage":[0.8,0.99]},"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[{{{i}}},0,0]}]}""");
            Assert.Equal([$"{i - 1.5}", "-Infinity"], answer.Output("lower").Texts());
        }));
        await server.Until("/monitoring", m => m.GetProperty("rows").GetInt64() == 20);
    }

    private sealed class Halves : IClassPredictor
    {
        public int Classes => 2;

        public void Predict(FeatureMatrix x, Span<double> probabilities)
        {
            for (int i = 0; i < probabilities.Length; i++) probabilities[i] = i % 2 == 0 ? 0.25 : 0.75;
        }
    }
}
