using System.IO.Compression;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Compression;
using Ueq.Serving.Security;
using Ueq.Serving.Tests.Inference.Rpc;
using InputTensor = Ueq.Serving.Tests.Inference.Rpc.ModelInferRequest.Types.InferInputTensor;

namespace Ueq.Serving.Tests.Inference;

/// <summary>The protocol over gRPC, on a real HTTP/2 socket.</summary>
public sealed class RpcTests
{
    private static readonly UeqServiceConfig WithGrpc = new() { GrpcUrls = ["http://127.0.0.1:0"], TestModels = true };

    [Fact]
    public async Task RawBytesComeBackAsRawBytes()
    {
        await using Server server = await Server.Start(Fakes.Sum(), WithGrpc);
        using GrpcChannel channel = GrpcChannel.ForAddress(server.GrpcAddress);
        GRPCInferenceService.GRPCInferenceServiceClient client = new(channel);
        ModelInferResponse answer = await client.ModelInferAsync(new ModelInferRequest
        {
            ModelName = "y",
            Id = "q\"1",
            Inputs = { new InputTensor { Name = "input", Datatype = "FP32", Shape = { 2, 3 } } },
            RawInputContents = { ByteString.CopyFrom(OipRequests.Bytes<float>(1, 2, 3, 4, 5, 6)) },
            Parameters = { ["coverage"] = new InferParameter { DoubleParam = 0.8 } },
        });
        Assert.Equal(("y", "001122334455", "q\"1"), (answer.ModelName, answer.ModelVersion, answer.Id));
        Assert.Equal((0.8, "split", "001122334455"), (answer.Parameters["coverage"].DoubleParam, answer.Parameters["method"].StringParam, answer.Parameters["calibration"].StringParam));
        Assert.Equal(["mean", "lower", "upper"], answer.Outputs.Select(o => o.Name));
        Assert.Equal(new long[] { 2, 1 }, answer.Outputs[1].Shape);
        Assert.Equal(new double[] { 6, 15 }, MemoryMarshal.Cast<byte, double>(answer.RawOutputContents[0].Span).ToArray());
        Assert.Equal(new[] { 7.5, 16.5 }, MemoryMarshal.Cast<byte, double>(answer.RawOutputContents[2].Span).ToArray());
    }

    [Fact]
    public async Task TypedContentsComeBackAsTypedContents()
    {
        await using Server server = await Server.Start(Fakes.Sum(Fakes.Mixed), WithGrpc);
        using GrpcChannel channel = GrpcChannel.ForAddress(server.GrpcAddress);
        GRPCInferenceService.GRPCInferenceServiceClient client = new(channel);
        ModelInferRequest request = new()
        {
            ModelName = "y",
            Inputs =
            {
                new InputTensor { Name = "age", Datatype = "INT8", Shape = { 2 }, Contents = new InferTensorContents { IntContents = { 1, 2 } } },
                new InputTensor { Name = "colour", Datatype = "BYTES", Shape = { 2, 1 }, Contents = new InferTensorContents { BytesContents = { ByteString.CopyFromUtf8("red"), ByteString.CopyFromUtf8("7") } } },
                new InputTensor { Name = "income", Datatype = "FP64", Shape = { 2 }, Contents = new InferTensorContents { Fp64Contents = { 10, double.NaN } } },
            },
            Outputs = { new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "upper" }, new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "receipts" } },
            Parameters = { ["coverage"] = new InferParameter { StringParam = "0.8,0.995" } },
        };
        ModelInferResponse answer = await client.ModelInferAsync(request);
        Assert.Empty(answer.RawOutputContents);
        Assert.Equal(new[] { 13.5, double.PositiveInfinity, -995.5, double.PositiveInfinity }, answer.Outputs[0].Contents.Fp64Contents);
        Assert.Equal(2, answer.Outputs[1].Contents.BytesContents.Count);
        Assert.Equal("0.8,0.995", answer.Parameters["coverage"].StringParam);
        request.Inputs[0].Contents.IntContents[1] = 200;
        RpcException refused = await Assert.ThrowsAsync<RpcException>(async () => await client.ModelInferAsync(request));
        Assert.Equal((StatusCode.InvalidArgument, "inputs[0].contents, element 1: expected a whole number in the range of INT8, got 200"), (refused.StatusCode, refused.Status.Detail));
    }

    [Theory]
    [InlineData("nobody", "FP32", 3, 12, StatusCode.NotFound, "expected a model that is served")]
    [InlineData("y", "FP33", 3, 12, StatusCode.InvalidArgument, "inputs[0].datatype: expected one of BOOL")]
    [InlineData("y", "FP32", 4, 16, StatusCode.InvalidArgument, "expected [rows, 3], got [1, 4]")]
    [InlineData("y", "FP32", 3, 11, StatusCode.InvalidArgument, "expected 12 bytes, as FP32 [1, 3] says, got 11")]
    [InlineData("y", "FP32", -3, 12, StatusCode.InvalidArgument, "expected lengths from 0, got -3")]
    public async Task WhatIsWrongIsSaid(string model, string type, long width, int bytes, StatusCode code, string said)
    {
        await using Server server = await Server.Start(Fakes.Sum(), WithGrpc);
        using GrpcChannel channel = GrpcChannel.ForAddress(server.GrpcAddress);
        GRPCInferenceService.GRPCInferenceServiceClient client = new(channel);
        RpcException refused = await Assert.ThrowsAsync<RpcException>(async () => await client.ModelInferAsync(new ModelInferRequest
        {
            ModelName = model,
            Inputs = { new InputTensor { Name = "input", Datatype = type, Shape = { 1, width } } },
            RawInputContents = { ByteString.CopyFrom(new byte[bytes]) },
        }));
        Assert.True(refused.StatusCode == code, refused.Status.ToString());
        Assert.Contains(said, refused.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFaultOfTheModelIsInternalAndHidesItself()
    {
        await using Server server = await Server.Start(Fakes.Sum(), WithGrpc);
        using GrpcChannel channel = GrpcChannel.ForAddress(server.GrpcAddress);
        GRPCInferenceService.GRPCInferenceServiceClient client = new(channel);
        RpcException fault = await Assert.ThrowsAsync<RpcException>(async () => await client.ModelInferAsync(new ModelInferRequest
        {
            ModelName = "y",
            Inputs = { new InputTensor { Name = "input", Datatype = "FP32", Shape = { 1, 3 }, Contents = new InferTensorContents { Fp32Contents = { 66.5f, 1, 1 } } } },
        }));
        Assert.Equal(StatusCode.Internal, fault.StatusCode);
        Assert.DoesNotContain("secret", fault.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task AMessageUnpacksToNoMoreThanAMessageMayHave(string encoding)
    {
        await using Server server = await Server.Start(Fakes.Sum(), WithGrpc with { MaxBodyBytes = 1 << 20 });
        using GrpcChannel channel = GrpcChannel.ForAddress(server.GrpcAddress, new GrpcChannelOptions
        {
            CompressionProviders = [new GzipCompressionProvider(CompressionLevel.Fastest), new DeflateCompressionProvider(CompressionLevel.Fastest)],
        });
        GRPCInferenceService.GRPCInferenceServiceClient client = new(channel);
        Metadata packed = new() { { "grpc-internal-encoding-request", encoding } };
        Assert.Equal(1000, (await client.ModelInferAsync(Zeros(1000), packed)).RawOutputContents[0].Length);
        RpcException refused = await Assert.ThrowsAsync<RpcException>(async () => await client.ModelInferAsync(Zeros(8 << 20), packed));
        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.Equal(1000, (await client.ModelInferAsync(Zeros(1000), packed)).RawOutputContents[0].Length);

        static ModelInferRequest Zeros(int bytes) => new()
        {
            ModelName = "identity",
            Inputs = { new InputTensor { Name = "INPUT0", Datatype = "UINT8", Shape = { bytes } } },
            RawInputContents = { ByteString.CopyFrom(new byte[bytes]) },
        };
    }

    [Fact]
    public async Task TheRestOfTheServiceAnswersToo()
    {
        await using Server server = await Server.Start(Fakes.Sum(), WithGrpc);
        using GrpcChannel channel = GrpcChannel.ForAddress(server.GrpcAddress);
        GRPCInferenceService.GRPCInferenceServiceClient client = new(channel);
        Assert.True((await client.ServerLiveAsync(new ServerLiveRequest())).Live);
        Assert.True((await client.ServerReadyAsync(new ServerReadyRequest())).Ready);
        Assert.Contains("binary_tensor_data", (await client.ServerMetadataAsync(new ServerMetadataRequest())).Extensions);
        Assert.True((await client.ModelReadyAsync(new ModelReadyRequest { Name = "y" })).Ready);
        ModelMetadataResponse metadata = await client.ModelMetadataAsync(new ModelMetadataRequest { Name = "y", Version = "001122334455" });
        Assert.Equal(("input", "FP32"), (metadata.Inputs[0].Name, metadata.Inputs[0].Datatype));
        ModelInferResponse simple = await client.ModelInferAsync(new ModelInferRequest
        {
            ModelName = "simple",
            Inputs =
            {
                new InputTensor { Name = "INPUT0", Datatype = "INT32", Shape = { 1, 16 }, Contents = new InferTensorContents { IntContents = { Enumerable.Range(0, 16) } } },
                new InputTensor { Name = "INPUT1", Datatype = "INT32", Shape = { 1, 16 }, Contents = new InferTensorContents { IntContents = { Enumerable.Repeat(1, 16) } } },
            },
        });
        Assert.Equal(Enumerable.Range(1, 16), simple.Outputs[0].Contents.IntContents);
        Assert.Equal(Enumerable.Range(-1, 16), simple.Outputs[1].Contents.IntContents);
        ModelStatistics statistics = Assert.Single((await client.ModelStatisticsAsync(new ModelStatisticsRequest { Name = "simple" })).ModelStats);
        Assert.Equal((1ul, 1ul), (statistics.InferenceCount, statistics.InferenceStats.Success.Count));
        Assert.Equal(["y", "simple", "identity"], (await client.RepositoryIndexAsync(new RepositoryIndexRequest())).Models.Select(m => m.Name));
        RpcException last = await Assert.ThrowsAsync<RpcException>(async () => await client.RepositoryModelUnloadAsync(new RepositoryModelUnloadRequest { ModelName = "y" }));
        Assert.Equal(StatusCode.FailedPrecondition, last.StatusCode);
        RpcException unknown = await Assert.ThrowsAsync<RpcException>(async () => await client.RepositoryModelLoadAsync(new RepositoryModelLoadRequest { ModelName = "never" }));
        Assert.Equal(StatusCode.NotFound, unknown.StatusCode);
        // The first address still speaks HTTP/1.1.
        Assert.Equal(200, (await server.Get("/v2/health/live")).Status);
    }

    [Fact]
    public async Task KeysAreAskedForAndChangesTakeAnAdministrators()
    {
        ApiKey predict = ApiKey.Create(AccessScopes.Predict, out string secret), admin = ApiKey.Create(AccessScopes.Admin, out string higher);
        await using Server server = await Server.Start(Fakes.Sum(), WithGrpc with { Security = new SecurityConfig { Keys = new Dictionary<string, ApiKey> { ["p"] = predict, ["a"] = admin } } });
        using GrpcChannel channel = GrpcChannel.ForAddress(server.GrpcAddress);
        GRPCInferenceService.GRPCInferenceServiceClient client = new(channel);
        Metadata held = new() { { "authorization", "Bearer " + secret } }, above = new() { { "authorization", "Bearer " + higher } };
        Assert.True((await client.ServerLiveAsync(new ServerLiveRequest())).Live);
        RpcException unknown = await Assert.ThrowsAsync<RpcException>(async () => await client.ModelReadyAsync(new ModelReadyRequest { Name = "y" }));
        Assert.Equal(StatusCode.Unauthenticated, unknown.StatusCode);
        Assert.StartsWith("expected a key or token, as \"Authorization: Bearer …\"", unknown.Status.Detail, StringComparison.Ordinal);
        Assert.True((await client.ModelReadyAsync(new ModelReadyRequest { Name = "y" }, held)).Ready);
        Assert.Equal(StatusCode.PermissionDenied, await Code(client.RepositoryModelUnloadAsync(new RepositoryModelUnloadRequest { ModelName = "y" }, held)));
        Assert.Equal(StatusCode.FailedPrecondition, await Code(client.RepositoryModelUnloadAsync(new RepositoryModelUnloadRequest { ModelName = "y" }, above)));

        static async Task<StatusCode> Code<T>(AsyncUnaryCall<T> call) => (await Assert.ThrowsAsync<RpcException>(async () => await call)).StatusCode;
    }
}
