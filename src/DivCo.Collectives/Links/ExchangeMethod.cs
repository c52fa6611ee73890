using DivCo.Protocol.Exchange.V1;
using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;

namespace DivCo.Collectives.Links;

/// <summary>The Exchange method of divco.exchange.v1.GradientExchange, with our own marshaller, for both ends.</summary>
internal sealed class ExchangeMethod : IServiceMethodProvider<GradientExchangeService>
{
    public static Method<ExchangeMessage, ExchangeReceipt> Definition { get; } = new(
        MethodType.ClientStreaming,
        GradientExchange.Descriptor.FullName,
        "Exchange",
        ExchangeMarshaller.Marshaller,
        Marshallers.Create(receipt => receipt.ToByteArray(), ExchangeReceipt.Parser.ParseFrom));

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<GradientExchangeService> context) =>
        context.AddClientStreamingMethod(
            Definition, [new HttpMethodMetadata(["POST"])], (service, messages, call) => service.Exchange(messages, call));
}
