// Generated from protocol/proto by scripts/generate.ts. Do not edit.
import * as $protobuf from "protobufjs";

/** Namespace shoal. */
export namespace shoal {

    /** Namespace auction. */
    namespace auction {

        /**
         * Properties of a Constraint.
         * @deprecated Use shoal.auction.Constraint.$Properties instead.
         */
        interface IConstraint extends shoal.auction.Constraint.$Properties {
        }

        /** Represents a Constraint. */
        class Constraint {

            /**
             * Constructs a new Constraint.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.auction.Constraint.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Constraint label. */
            label: string;

            /** Constraint op. */
            op: string;

            /** Constraint values. */
            values: string[];

            /**
             * Encodes the specified Constraint message. Does not implicitly {@link shoal.auction.Constraint.verify|verify} messages.
             * @param message Constraint message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.auction.Constraint.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Constraint message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.auction.Constraint & shoal.auction.Constraint.$Shape} Constraint
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.auction.Constraint & shoal.auction.Constraint.$Shape;
        }

        namespace Constraint {

            /** Properties of a Constraint. */
            interface $Properties {

                /** Constraint label */
                label?: (string|null);

                /** Constraint op */
                op?: (string|null);

                /** Constraint values */
                values?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Constraint. */
            type $Shape = shoal.auction.Constraint.$Properties;
        }

        /**
         * Properties of a PortSpec.
         * @deprecated Use shoal.auction.PortSpec.$Properties instead.
         */
        interface IPortSpec extends shoal.auction.PortSpec.$Properties {
        }

        /** Represents a PortSpec. */
        class PortSpec {

            /**
             * Constructs a new PortSpec.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.auction.PortSpec.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PortSpec container. */
            container: number;

            /** PortSpec host. */
            host?: (number|null);

            /** PortSpec protocol. */
            protocol?: (string|null);

            /**
             * Encodes the specified PortSpec message. Does not implicitly {@link shoal.auction.PortSpec.verify|verify} messages.
             * @param message PortSpec message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.auction.PortSpec.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PortSpec message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.auction.PortSpec & shoal.auction.PortSpec.$Shape} PortSpec
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.auction.PortSpec & shoal.auction.PortSpec.$Shape;
        }

        namespace PortSpec {

            /** Properties of a PortSpec. */
            interface $Properties {

                /** PortSpec container */
                container?: (number|null);

                /** PortSpec host */
                host?: (number|null);

                /** PortSpec protocol */
                protocol?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PortSpec. */
            type $Shape = shoal.auction.PortSpec.$Properties;
        }

        /**
         * Properties of a Requirement.
         * @deprecated Use shoal.auction.Requirement.$Properties instead.
         */
        interface IRequirement extends shoal.auction.Requirement.$Properties {
        }

        /** Represents a Requirement. */
        class Requirement {

            /**
             * Constructs a new Requirement.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.auction.Requirement.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Requirement group. */
            group: string;

            /** Requirement app. */
            app: string;

            /** Requirement appUid. */
            appUid: string;

            /** Requirement cluster. */
            cluster: string;

            /** Requirement image. */
            image: string;

            /** Requirement memoryBytes. */
            memoryBytes: number;

            /** Requirement cpuMilli. */
            cpuMilli: number;

            /** Requirement ports. */
            ports: shoal.auction.PortSpec.$Properties[];

            /** Requirement constraints. */
            constraints: shoal.auction.Constraint.$Properties[];

            /** Requirement maxPerHost. */
            maxPerHost?: (number|null);

            /** Requirement resolvedImage. */
            resolvedImage?: (string|null);

            /** Requirement affinity. */
            affinity: shoal.auction.Affinity.$Properties[];

            /** Requirement spread. */
            spread: shoal.auction.Spread.$Properties[];

            /**
             * Encodes the specified Requirement message. Does not implicitly {@link shoal.auction.Requirement.verify|verify} messages.
             * @param message Requirement message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.auction.Requirement.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Requirement message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.auction.Requirement & shoal.auction.Requirement.$Shape} Requirement
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.auction.Requirement & shoal.auction.Requirement.$Shape;
        }

        namespace Requirement {

            /** Properties of a Requirement. */
            interface $Properties {

                /** Requirement group */
                group?: (string|null);

                /** Requirement app */
                app?: (string|null);

                /** Requirement appUid */
                appUid?: (string|null);

                /** Requirement cluster */
                cluster?: (string|null);

                /** Requirement image */
                image?: (string|null);

                /** Requirement memoryBytes */
                memoryBytes?: (number|null);

                /** Requirement cpuMilli */
                cpuMilli?: (number|null);

                /** Requirement ports */
                ports?: (shoal.auction.PortSpec.$Properties[]|null);

                /** Requirement constraints */
                constraints?: (shoal.auction.Constraint.$Properties[]|null);

                /** Requirement maxPerHost */
                maxPerHost?: (number|null);

                /** Requirement resolvedImage */
                resolvedImage?: (string|null);

                /** Requirement affinity */
                affinity?: (shoal.auction.Affinity.$Properties[]|null);

                /** Requirement spread */
                spread?: (shoal.auction.Spread.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Requirement. */
            type $Shape = shoal.auction.Requirement.$Properties;
        }

        /**
         * Properties of an Affinity.
         * @deprecated Use shoal.auction.Affinity.$Properties instead.
         */
        interface IAffinity extends shoal.auction.Affinity.$Properties {
        }

        /** Represents an Affinity. */
        class Affinity {

            /**
             * Constructs a new Affinity.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.auction.Affinity.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Affinity app. */
            app: string;

            /** Affinity rule. */
            rule: string;

            /** Affinity required. */
            required?: (boolean|null);

            /**
             * Encodes the specified Affinity message. Does not implicitly {@link shoal.auction.Affinity.verify|verify} messages.
             * @param message Affinity message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.auction.Affinity.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Affinity message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.auction.Affinity & shoal.auction.Affinity.$Shape} Affinity
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.auction.Affinity & shoal.auction.Affinity.$Shape;
        }

        namespace Affinity {

            /** Properties of an Affinity. */
            interface $Properties {

                /** Affinity app */
                app?: (string|null);

                /** Affinity rule */
                rule?: (string|null);

                /** Affinity required */
                required?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Affinity. */
            type $Shape = shoal.auction.Affinity.$Properties;
        }

        /**
         * Properties of a Spread.
         * @deprecated Use shoal.auction.Spread.$Properties instead.
         */
        interface ISpread extends shoal.auction.Spread.$Properties {
        }

        /** Represents a Spread. */
        class Spread {

            /**
             * Constructs a new Spread.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.auction.Spread.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Spread label. */
            label: string;

            /** Spread weights. */
            weights: { [k: string]: number };

            /**
             * Encodes the specified Spread message. Does not implicitly {@link shoal.auction.Spread.verify|verify} messages.
             * @param message Spread message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.auction.Spread.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Spread message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.auction.Spread & shoal.auction.Spread.$Shape} Spread
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.auction.Spread & shoal.auction.Spread.$Shape;
        }

        namespace Spread {

            /** Properties of a Spread. */
            interface $Properties {

                /** Spread label */
                label?: (string|null);

                /** Spread weights */
                weights?: ({ [k: string]: number }|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Spread. */
            type $Shape = shoal.auction.Spread.$Properties;
        }

        /**
         * Properties of an Ask.
         * @deprecated Use shoal.auction.Ask.$Properties instead.
         */
        interface IAsk extends shoal.auction.Ask.$Properties {
        }

        /** Represents an Ask. */
        class Ask {

            /**
             * Constructs a new Ask.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.auction.Ask.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Ask auctionId. */
            auctionId: string;

            /** Ask requirement. */
            requirement?: (shoal.auction.Requirement.$Properties|null);

            /** Ask replicas. */
            replicas: number;

            /** Ask leaving. */
            leaving: string[];

            /** Ask given. */
            given: string[];

            /**
             * Encodes the specified Ask message. Does not implicitly {@link shoal.auction.Ask.verify|verify} messages.
             * @param message Ask message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.auction.Ask.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Ask message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.auction.Ask & shoal.auction.Ask.$Shape} Ask
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.auction.Ask & shoal.auction.Ask.$Shape;
        }

        namespace Ask {

            /** Properties of an Ask. */
            interface $Properties {

                /** Ask auctionId */
                auctionId?: (string|null);

                /** Ask requirement */
                requirement?: (shoal.auction.Requirement.$Properties|null);

                /** Ask replicas */
                replicas?: (number|null);

                /** Ask leaving */
                leaving?: (string[]|null);

                /** Ask given */
                given?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Ask. */
            type $Shape = shoal.auction.Ask.$Properties;
        }

        /**
         * Properties of a Refusal.
         * @deprecated Use shoal.auction.Refusal.$Properties instead.
         */
        interface IRefusal extends shoal.auction.Refusal.$Properties {
        }

        /** Represents a Refusal. */
        class Refusal {

            /**
             * Constructs a new Refusal.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.auction.Refusal.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Refusal hostId. */
            hostId: string;

            /** Refusal hostName. */
            hostName: string;

            /** Refusal rule. */
            rule: string;

            /** Refusal detail. */
            detail: string;

            /** Refusal numbers. */
            numbers: { [k: string]: number };

            /** Refusal transient. */
            transient: boolean;

            /**
             * Encodes the specified Refusal message. Does not implicitly {@link shoal.auction.Refusal.verify|verify} messages.
             * @param message Refusal message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.auction.Refusal.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Refusal message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.auction.Refusal & shoal.auction.Refusal.$Shape} Refusal
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.auction.Refusal & shoal.auction.Refusal.$Shape;
        }

        namespace Refusal {

            /** Properties of a Refusal. */
            interface $Properties {

                /** Refusal hostId */
                hostId?: (string|null);

                /** Refusal hostName */
                hostName?: (string|null);

                /** Refusal rule */
                rule?: (string|null);

                /** Refusal detail */
                detail?: (string|null);

                /** Refusal numbers */
                numbers?: ({ [k: string]: number }|null);

                /** Refusal transient */
                transient?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Refusal. */
            type $Shape = shoal.auction.Refusal.$Properties;
        }

        /**
         * Properties of an Offer.
         * @deprecated Use shoal.auction.Offer.$Properties instead.
         */
        interface IOffer extends shoal.auction.Offer.$Properties {
        }

        /** Represents an Offer. */
        class Offer {

            /**
             * Constructs a new Offer.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.auction.Offer.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Offer hostId. */
            hostId: string;

            /** Offer hostName. */
            hostName: string;

            /** Offer zone. */
            zone: string;

            /** Offer reservationId. */
            reservationId: string;

            /** Offer expiresInMs. */
            expiresInMs: number;

            /** Offer slots. */
            slots: number;

            /** Offer appReplicas. */
            appReplicas: number;

            /** Offer memoryFreeBytes. */
            memoryFreeBytes: number;

            /** Offer memoryAllocatableBytes. */
            memoryAllocatableBytes: number;

            /** Offer imagePresent. */
            imagePresent: boolean;

            /** Offer containers. */
            containers: number;

            /** Offer recentFailures. */
            recentFailures: number;

            /** Offer limitedBy. */
            limitedBy?: (shoal.auction.Refusal.$Properties|null);

            /** Offer companions. */
            companions?: (number|null);

            /** Offer rivals. */
            rivals?: (number|null);

            /** Offer spreadValues. */
            spreadValues: string[];

            /**
             * Encodes the specified Offer message. Does not implicitly {@link shoal.auction.Offer.verify|verify} messages.
             * @param message Offer message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.auction.Offer.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Offer message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.auction.Offer & shoal.auction.Offer.$Shape} Offer
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.auction.Offer & shoal.auction.Offer.$Shape;
        }

        namespace Offer {

            /** Properties of an Offer. */
            interface $Properties {

                /** Offer hostId */
                hostId?: (string|null);

                /** Offer hostName */
                hostName?: (string|null);

                /** Offer zone */
                zone?: (string|null);

                /** Offer reservationId */
                reservationId?: (string|null);

                /** Offer expiresInMs */
                expiresInMs?: (number|null);

                /** Offer slots */
                slots?: (number|null);

                /** Offer appReplicas */
                appReplicas?: (number|null);

                /** Offer memoryFreeBytes */
                memoryFreeBytes?: (number|null);

                /** Offer memoryAllocatableBytes */
                memoryAllocatableBytes?: (number|null);

                /** Offer imagePresent */
                imagePresent?: (boolean|null);

                /** Offer containers */
                containers?: (number|null);

                /** Offer recentFailures */
                recentFailures?: (number|null);

                /** Offer limitedBy */
                limitedBy?: (shoal.auction.Refusal.$Properties|null);

                /** Offer companions */
                companions?: (number|null);

                /** Offer rivals */
                rivals?: (number|null);

                /** Offer spreadValues */
                spreadValues?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Offer. */
            type $Shape = shoal.auction.Offer.$Properties;
        }

        /**
         * Properties of a Bid.
         * @deprecated Use shoal.auction.Bid.$Properties instead.
         */
        interface IBid extends shoal.auction.Bid.$Properties {
        }

        /** Represents a Bid. */
        class Bid {

            /**
             * Constructs a new Bid.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.auction.Bid.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Bid offer. */
            offer?: (shoal.auction.Offer.$Properties|null);

            /** Bid refusal. */
            refusal?: (shoal.auction.Refusal.$Properties|null);

            /** Bid answer. */
            answer?: ("offer"|"refusal");

            /**
             * Encodes the specified Bid message. Does not implicitly {@link shoal.auction.Bid.verify|verify} messages.
             * @param message Bid message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.auction.Bid.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Bid message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.auction.Bid & shoal.auction.Bid.$Shape} Bid
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.auction.Bid & shoal.auction.Bid.$Shape;
        }

        namespace Bid {

            /** Properties of a Bid. */
            interface $Properties {

                /** Bid offer */
                offer?: (shoal.auction.Offer.$Properties|null);

                /** Bid refusal */
                refusal?: (shoal.auction.Refusal.$Properties|null);

                /** Bid answer */
                answer?: ("offer"|"refusal");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a Bid. */
            type $Shape = {
              offer?: shoal.auction.Offer.$Shape|null;
              refusal?: shoal.auction.Refusal.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ answer?: undefined; offer?: null; refusal?: null }|{ answer?: "offer"; offer: shoal.auction.Offer.$Shape; refusal?: null }|{ answer?: "refusal"; offer?: null; refusal: shoal.auction.Refusal.$Shape })
            );
        }

        /**
         * Properties of an Assignment.
         * @deprecated Use shoal.auction.Assignment.$Properties instead.
         */
        interface IAssignment extends shoal.auction.Assignment.$Properties {
        }

        /** Represents an Assignment. */
        class Assignment {

            /**
             * Constructs a new Assignment.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.auction.Assignment.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Assignment containerId. */
            containerId: string;

            /** Assignment replica. */
            replica: number;

            /**
             * Encodes the specified Assignment message. Does not implicitly {@link shoal.auction.Assignment.verify|verify} messages.
             * @param message Assignment message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.auction.Assignment.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Assignment message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.auction.Assignment & shoal.auction.Assignment.$Shape} Assignment
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.auction.Assignment & shoal.auction.Assignment.$Shape;
        }

        namespace Assignment {

            /** Properties of an Assignment. */
            interface $Properties {

                /** Assignment containerId */
                containerId?: (string|null);

                /** Assignment replica */
                replica?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Assignment. */
            type $Shape = shoal.auction.Assignment.$Properties;
        }

        /**
         * Properties of an Award.
         * @deprecated Use shoal.auction.Award.$Properties instead.
         */
        interface IAward extends shoal.auction.Award.$Properties {
        }

        /** Represents an Award. */
        class Award {

            /**
             * Constructs a new Award.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.auction.Award.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Award reservationId. */
            reservationId: string;

            /** Award operationId. */
            operationId: string;

            /** Award group. */
            group: string;

            /** Award app. */
            app: string;

            /** Award appUid. */
            appUid: string;

            /** Award cluster. */
            cluster: string;

            /** Award version. */
            version: number;

            /** Award specHash. */
            specHash: string;

            /** Award specJson. */
            specJson: Uint8Array;

            /** Award assignments. */
            assignments: shoal.auction.Assignment.$Properties[];

            /**
             * Encodes the specified Award message. Does not implicitly {@link shoal.auction.Award.verify|verify} messages.
             * @param message Award message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.auction.Award.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Award message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.auction.Award & shoal.auction.Award.$Shape} Award
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.auction.Award & shoal.auction.Award.$Shape;
        }

        namespace Award {

            /** Properties of an Award. */
            interface $Properties {

                /** Award reservationId */
                reservationId?: (string|null);

                /** Award operationId */
                operationId?: (string|null);

                /** Award group */
                group?: (string|null);

                /** Award app */
                app?: (string|null);

                /** Award appUid */
                appUid?: (string|null);

                /** Award cluster */
                cluster?: (string|null);

                /** Award version */
                version?: (number|null);

                /** Award specHash */
                specHash?: (string|null);

                /** Award specJson */
                specJson?: (Uint8Array|null);

                /** Award assignments */
                assignments?: (shoal.auction.Assignment.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Award. */
            type $Shape = shoal.auction.Award.$Properties;
        }

        /**
         * Properties of a PublishedPort.
         * @deprecated Use shoal.auction.PublishedPort.$Properties instead.
         */
        interface IPublishedPort extends shoal.auction.PublishedPort.$Properties {
        }

        /** Represents a PublishedPort. */
        class PublishedPort {

            /**
             * Constructs a new PublishedPort.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.auction.PublishedPort.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PublishedPort container. */
            container: number;

            /** PublishedPort host. */
            host: number;

            /** PublishedPort protocol. */
            protocol: string;

            /**
             * Encodes the specified PublishedPort message. Does not implicitly {@link shoal.auction.PublishedPort.verify|verify} messages.
             * @param message PublishedPort message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.auction.PublishedPort.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PublishedPort message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.auction.PublishedPort & shoal.auction.PublishedPort.$Shape} PublishedPort
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.auction.PublishedPort & shoal.auction.PublishedPort.$Shape;
        }

        namespace PublishedPort {

            /** Properties of a PublishedPort. */
            interface $Properties {

                /** PublishedPort container */
                container?: (number|null);

                /** PublishedPort host */
                host?: (number|null);

                /** PublishedPort protocol */
                protocol?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PublishedPort. */
            type $Shape = shoal.auction.PublishedPort.$Properties;
        }

        /**
         * Properties of a Claim.
         * @deprecated Use shoal.auction.Claim.$Properties instead.
         */
        interface IClaim extends shoal.auction.Claim.$Properties {
        }

        /** Represents a Claim. */
        class Claim {

            /**
             * Constructs a new Claim.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.auction.Claim.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Claim containerId. */
            containerId: string;

            /** Claim appUid. */
            appUid: string;

            /** Claim memoryBytes. */
            memoryBytes: number;

            /** Claim cpuMilli. */
            cpuMilli: number;

            /** Claim ports. */
            ports: shoal.auction.PublishedPort.$Properties[];

            /** Claim app. */
            app: string;

            /**
             * Encodes the specified Claim message. Does not implicitly {@link shoal.auction.Claim.verify|verify} messages.
             * @param message Claim message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.auction.Claim.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Claim message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.auction.Claim & shoal.auction.Claim.$Shape} Claim
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.auction.Claim & shoal.auction.Claim.$Shape;
        }

        namespace Claim {

            /** Properties of a Claim. */
            interface $Properties {

                /** Claim containerId */
                containerId?: (string|null);

                /** Claim appUid */
                appUid?: (string|null);

                /** Claim memoryBytes */
                memoryBytes?: (number|null);

                /** Claim cpuMilli */
                cpuMilli?: (number|null);

                /** Claim ports */
                ports?: (shoal.auction.PublishedPort.$Properties[]|null);

                /** Claim app */
                app?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Claim. */
            type $Shape = shoal.auction.Claim.$Properties;
        }

        /**
         * Properties of a Claims.
         * @deprecated Use shoal.auction.Claims.$Properties instead.
         */
        interface IClaims extends shoal.auction.Claims.$Properties {
        }

        /** Represents a Claims. */
        class Claims {

            /**
             * Constructs a new Claims.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.auction.Claims.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Claims claims. */
            claims: shoal.auction.Claim.$Properties[];

            /**
             * Encodes the specified Claims message. Does not implicitly {@link shoal.auction.Claims.verify|verify} messages.
             * @param message Claims message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.auction.Claims.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Claims message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.auction.Claims & shoal.auction.Claims.$Shape} Claims
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.auction.Claims & shoal.auction.Claims.$Shape;
        }

        namespace Claims {

            /** Properties of a Claims. */
            interface $Properties {

                /** Claims claims */
                claims?: (shoal.auction.Claim.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Claims. */
            type $Shape = shoal.auction.Claims.$Properties;
        }

        /**
         * Properties of a Release.
         * @deprecated Use shoal.auction.Release.$Properties instead.
         */
        interface IRelease extends shoal.auction.Release.$Properties {
        }

        /** Represents a Release. */
        class Release {

            /**
             * Constructs a new Release.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.auction.Release.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Release reservationId. */
            reservationId: string;

            /**
             * Encodes the specified Release message. Does not implicitly {@link shoal.auction.Release.verify|verify} messages.
             * @param message Release message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.auction.Release.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Release message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.auction.Release & shoal.auction.Release.$Shape} Release
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.auction.Release & shoal.auction.Release.$Shape;
        }

        namespace Release {

            /** Properties of a Release. */
            interface $Properties {

                /** Release reservationId */
                reservationId?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Release. */
            type $Shape = shoal.auction.Release.$Properties;
        }
    }

    /** Namespace call. */
    namespace call {

        /**
         * Properties of a CallRequest.
         * @deprecated Use shoal.call.CallRequest.$Properties instead.
         */
        interface ICallRequest extends shoal.call.CallRequest.$Properties {
        }

        /** Represents a CallRequest. */
        class CallRequest {

            /**
             * Constructs a new CallRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.call.CallRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CallRequest method. */
            method: string;

            /** CallRequest body. */
            body: Uint8Array;

            /** CallRequest timeoutMs. */
            timeoutMs: number;

            /** CallRequest id. */
            id: string;

            /**
             * Encodes the specified CallRequest message. Does not implicitly {@link shoal.call.CallRequest.verify|verify} messages.
             * @param message CallRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.call.CallRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CallRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.call.CallRequest & shoal.call.CallRequest.$Shape} CallRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.call.CallRequest & shoal.call.CallRequest.$Shape;
        }

        namespace CallRequest {

            /** Properties of a CallRequest. */
            interface $Properties {

                /** CallRequest method */
                method?: (string|null);

                /** CallRequest body */
                body?: (Uint8Array|null);

                /** CallRequest timeoutMs */
                timeoutMs?: (number|null);

                /** CallRequest id */
                id?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CallRequest. */
            type $Shape = shoal.call.CallRequest.$Properties;
        }

        /**
         * Properties of a CallReply.
         * @deprecated Use shoal.call.CallReply.$Properties instead.
         */
        interface ICallReply extends shoal.call.CallReply.$Properties {
        }

        /** Represents a CallReply. */
        class CallReply {

            /**
             * Constructs a new CallReply.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.call.CallReply.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CallReply ok. */
            ok?: (Uint8Array|null);

            /** CallReply error. */
            error?: (shoal.call.CallError.$Properties|null);

            /** CallReply outcome. */
            outcome?: ("ok"|"error");

            /**
             * Encodes the specified CallReply message. Does not implicitly {@link shoal.call.CallReply.verify|verify} messages.
             * @param message CallReply message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.call.CallReply.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CallReply message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.call.CallReply & shoal.call.CallReply.$Shape} CallReply
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.call.CallReply & shoal.call.CallReply.$Shape;
        }

        namespace CallReply {

            /** Properties of a CallReply. */
            interface $Properties {

                /** CallReply ok */
                ok?: (Uint8Array|null);

                /** CallReply error */
                error?: (shoal.call.CallError.$Properties|null);

                /** CallReply outcome */
                outcome?: ("ok"|"error");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a CallReply. */
            type $Shape = {
              ok?: Uint8Array|null;
              error?: shoal.call.CallError.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ outcome?: undefined; ok?: null; error?: null }|{ outcome?: "ok"; ok: Uint8Array; error?: null }|{ outcome?: "error"; ok?: null; error: shoal.call.CallError.$Shape })
            );
        }

        /**
         * Properties of a CallError.
         * @deprecated Use shoal.call.CallError.$Properties instead.
         */
        interface ICallError extends shoal.call.CallError.$Properties {
        }

        /** Represents a CallError. */
        class CallError {

            /**
             * Constructs a new CallError.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.call.CallError.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CallError code. */
            code: string;

            /** CallError detail. */
            detail: string;

            /** CallError faults. */
            faults: shoal.call.Fault.$Properties[];

            /**
             * Encodes the specified CallError message. Does not implicitly {@link shoal.call.CallError.verify|verify} messages.
             * @param message CallError message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.call.CallError.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CallError message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.call.CallError & shoal.call.CallError.$Shape} CallError
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.call.CallError & shoal.call.CallError.$Shape;
        }

        namespace CallError {

            /** Properties of a CallError. */
            interface $Properties {

                /** CallError code */
                code?: (string|null);

                /** CallError detail */
                detail?: (string|null);

                /** CallError faults */
                faults?: (shoal.call.Fault.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CallError. */
            type $Shape = shoal.call.CallError.$Properties;
        }

        /**
         * Properties of a Fault.
         * @deprecated Use shoal.call.Fault.$Properties instead.
         */
        interface IFault extends shoal.call.Fault.$Properties {
        }

        /** Represents a Fault. */
        class Fault {

            /**
             * Constructs a new Fault.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.call.Fault.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Fault pointer. */
            pointer: string;

            /** Fault detail. */
            detail: string;

            /**
             * Encodes the specified Fault message. Does not implicitly {@link shoal.call.Fault.verify|verify} messages.
             * @param message Fault message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.call.Fault.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Fault message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.call.Fault & shoal.call.Fault.$Shape} Fault
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.call.Fault & shoal.call.Fault.$Shape;
        }

        namespace Fault {

            /** Properties of a Fault. */
            interface $Properties {

                /** Fault pointer */
                pointer?: (string|null);

                /** Fault detail */
                detail?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Fault. */
            type $Shape = shoal.call.Fault.$Properties;
        }
    }

    /** Namespace gossip. */
    namespace gossip {

        /**
         * Properties of a Frame.
         * @deprecated Use shoal.gossip.Frame.$Properties instead.
         */
        interface IFrame extends shoal.gossip.Frame.$Properties {
        }

        /** Represents a Frame. */
        class Frame {

            /**
             * Constructs a new Frame.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.Frame.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Frame messages. */
            messages: Uint8Array[];

            /**
             * Encodes the specified Frame message. Does not implicitly {@link shoal.gossip.Frame.verify|verify} messages.
             * @param message Frame message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.Frame.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Frame message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.Frame & shoal.gossip.Frame.$Shape} Frame
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.Frame & shoal.gossip.Frame.$Shape;
        }

        namespace Frame {

            /** Properties of a Frame. */
            interface $Properties {

                /** Frame messages */
                messages?: (Uint8Array[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Frame. */
            type $Shape = shoal.gossip.Frame.$Properties;
        }

        /**
         * Properties of a Message.
         * @deprecated Use shoal.gossip.Message.$Properties instead.
         */
        interface IMessage extends shoal.gossip.Message.$Properties {
        }

        /** Represents a Message. */
        class Message {

            /**
             * Constructs a new Message.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.Message.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Message ping. */
            ping?: (shoal.gossip.Ping.$Properties|null);

            /** Message ack. */
            ack?: (shoal.gossip.Ack.$Properties|null);

            /** Message pingReq. */
            pingReq?: (shoal.gossip.PingReq.$Properties|null);

            /** Message pingReqAck. */
            pingReqAck?: (shoal.gossip.PingReqAck.$Properties|null);

            /** Message delta. */
            delta?: (shoal.gossip.DeltaMessage.$Properties|null);

            /** Message ihave. */
            ihave?: (shoal.gossip.Ids.$Properties|null);

            /** Message graft. */
            graft?: (shoal.gossip.Ids.$Properties|null);

            /** Message prune. */
            prune?: (shoal.gossip.Prune.$Properties|null);

            /** Message summary. */
            summary?: (shoal.gossip.Summary.$Properties|null);

            /** Message livenessList. */
            livenessList?: (shoal.gossip.LivenessList.$Properties|null);

            /** Message hostVersions. */
            hostVersions?: (shoal.gossip.HostVersions.$Properties|null);

            /** Message hostRecords. */
            hostRecords?: (shoal.gossip.HostRecords.$Properties|null);

            /** Message catalogBuckets. */
            catalogBuckets?: (shoal.gossip.CatalogBuckets.$Properties|null);

            /** Message catalogKeys. */
            catalogKeys?: (shoal.gossip.CatalogKeys.$Properties|null);

            /** Message catalogWant. */
            catalogWant?: (shoal.gossip.CatalogWant.$Properties|null);

            /** Message catalogRecords. */
            catalogRecords?: (shoal.gossip.CatalogRecords.$Properties|null);

            /** Message swarmHello. */
            swarmHello?: (shoal.gossip.SwarmHello.$Properties|null);

            /** Message swarmHave. */
            swarmHave?: (shoal.gossip.SwarmHave.$Properties|null);

            /** Message swarmOffer. */
            swarmOffer?: (shoal.gossip.SwarmOffer.$Properties|null);

            /** Message swarmDecline. */
            swarmDecline?: (shoal.gossip.SwarmDecline.$Properties|null);

            /** Message swarmBye. */
            swarmBye?: (shoal.gossip.SwarmBye.$Properties|null);

            /** Message body. */
            body?: ("ping"|"ack"|"pingReq"|"pingReqAck"|"delta"|"ihave"|"graft"|"prune"|"summary"|"livenessList"|"hostVersions"|"hostRecords"|"catalogBuckets"|"catalogKeys"|"catalogWant"|"catalogRecords"|"swarmHello"|"swarmHave"|"swarmOffer"|"swarmDecline"|"swarmBye");

            /**
             * Encodes the specified Message message. Does not implicitly {@link shoal.gossip.Message.verify|verify} messages.
             * @param message Message message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.Message.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Message message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.Message & shoal.gossip.Message.$Shape} Message
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.Message & shoal.gossip.Message.$Shape;
        }

        namespace Message {

            /** Properties of a Message. */
            interface $Properties {

                /** Message ping */
                ping?: (shoal.gossip.Ping.$Properties|null);

                /** Message ack */
                ack?: (shoal.gossip.Ack.$Properties|null);

                /** Message pingReq */
                pingReq?: (shoal.gossip.PingReq.$Properties|null);

                /** Message pingReqAck */
                pingReqAck?: (shoal.gossip.PingReqAck.$Properties|null);

                /** Message delta */
                delta?: (shoal.gossip.DeltaMessage.$Properties|null);

                /** Message ihave */
                ihave?: (shoal.gossip.Ids.$Properties|null);

                /** Message graft */
                graft?: (shoal.gossip.Ids.$Properties|null);

                /** Message prune */
                prune?: (shoal.gossip.Prune.$Properties|null);

                /** Message summary */
                summary?: (shoal.gossip.Summary.$Properties|null);

                /** Message livenessList */
                livenessList?: (shoal.gossip.LivenessList.$Properties|null);

                /** Message hostVersions */
                hostVersions?: (shoal.gossip.HostVersions.$Properties|null);

                /** Message hostRecords */
                hostRecords?: (shoal.gossip.HostRecords.$Properties|null);

                /** Message catalogBuckets */
                catalogBuckets?: (shoal.gossip.CatalogBuckets.$Properties|null);

                /** Message catalogKeys */
                catalogKeys?: (shoal.gossip.CatalogKeys.$Properties|null);

                /** Message catalogWant */
                catalogWant?: (shoal.gossip.CatalogWant.$Properties|null);

                /** Message catalogRecords */
                catalogRecords?: (shoal.gossip.CatalogRecords.$Properties|null);

                /** Message swarmHello */
                swarmHello?: (shoal.gossip.SwarmHello.$Properties|null);

                /** Message swarmHave */
                swarmHave?: (shoal.gossip.SwarmHave.$Properties|null);

                /** Message swarmOffer */
                swarmOffer?: (shoal.gossip.SwarmOffer.$Properties|null);

                /** Message swarmDecline */
                swarmDecline?: (shoal.gossip.SwarmDecline.$Properties|null);

                /** Message swarmBye */
                swarmBye?: (shoal.gossip.SwarmBye.$Properties|null);

                /** Message body */
                body?: ("ping"|"ack"|"pingReq"|"pingReqAck"|"delta"|"ihave"|"graft"|"prune"|"summary"|"livenessList"|"hostVersions"|"hostRecords"|"catalogBuckets"|"catalogKeys"|"catalogWant"|"catalogRecords"|"swarmHello"|"swarmHave"|"swarmOffer"|"swarmDecline"|"swarmBye");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a Message. */
            type $Shape = {
              ping?: shoal.gossip.Ping.$Shape|null;
              ack?: shoal.gossip.Ack.$Shape|null;
              pingReq?: shoal.gossip.PingReq.$Shape|null;
              pingReqAck?: shoal.gossip.PingReqAck.$Shape|null;
              delta?: shoal.gossip.DeltaMessage.$Shape|null;
              ihave?: shoal.gossip.Ids.$Shape|null;
              graft?: shoal.gossip.Ids.$Shape|null;
              prune?: shoal.gossip.Prune.$Shape|null;
              summary?: shoal.gossip.Summary.$Shape|null;
              livenessList?: shoal.gossip.LivenessList.$Shape|null;
              hostVersions?: shoal.gossip.HostVersions.$Shape|null;
              hostRecords?: shoal.gossip.HostRecords.$Shape|null;
              catalogBuckets?: shoal.gossip.CatalogBuckets.$Shape|null;
              catalogKeys?: shoal.gossip.CatalogKeys.$Shape|null;
              catalogWant?: shoal.gossip.CatalogWant.$Shape|null;
              catalogRecords?: shoal.gossip.CatalogRecords.$Shape|null;
              swarmHello?: shoal.gossip.SwarmHello.$Shape|null;
              swarmHave?: shoal.gossip.SwarmHave.$Shape|null;
              swarmOffer?: shoal.gossip.SwarmOffer.$Shape|null;
              swarmDecline?: shoal.gossip.SwarmDecline.$Shape|null;
              swarmBye?: shoal.gossip.SwarmBye.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ body?: undefined; ping?: null; ack?: null; pingReq?: null; pingReqAck?: null; delta?: null; ihave?: null; graft?: null; prune?: null; summary?: null; livenessList?: null; hostVersions?: null; hostRecords?: null; catalogBuckets?: null; catalogKeys?: null; catalogWant?: null; catalogRecords?: null; swarmHello?: null; swarmHave?: null; swarmOffer?: null; swarmDecline?: null; swarmBye?: null }|{ body?: "ping"; ping: shoal.gossip.Ping.$Shape; ack?: null; pingReq?: null; pingReqAck?: null; delta?: null; ihave?: null; graft?: null; prune?: null; summary?: null; livenessList?: null; hostVersions?: null; hostRecords?: null; catalogBuckets?: null; catalogKeys?: null; catalogWant?: null; catalogRecords?: null; swarmHello?: null; swarmHave?: null; swarmOffer?: null; swarmDecline?: null; swarmBye?: null }|{ body?: "ack"; ping?: null; ack: shoal.gossip.Ack.$Shape; pingReq?: null; pingReqAck?: null; delta?: null; ihave?: null; graft?: null; prune?: null; summary?: null; livenessList?: null; hostVersions?: null; hostRecords?: null; catalogBuckets?: null; catalogKeys?: null; catalogWant?: null; catalogRecords?: null; swarmHello?: null; swarmHave?: null; swarmOffer?: null; swarmDecline?: null; swarmBye?: null }|{ body?: "pingReq"; ping?: null; ack?: null; pingReq: shoal.gossip.PingReq.$Shape; pingReqAck?: null; delta?: null; ihave?: null; graft?: null; prune?: null; summary?: null; livenessList?: null; hostVersions?: null; hostRecords?: null; catalogBuckets?: null; catalogKeys?: null; catalogWant?: null; catalogRecords?: null; swarmHello?: null; swarmHave?: null; swarmOffer?: null; swarmDecline?: null; swarmBye?: null }|{ body?: "pingReqAck"; ping?: null; ack?: null; pingReq?: null; pingReqAck: shoal.gossip.PingReqAck.$Shape; delta?: null; ihave?: null; graft?: null; prune?: null; summary?: null; livenessList?: null; hostVersions?: null; hostRecords?: null; catalogBuckets?: null; catalogKeys?: null; catalogWant?: null; catalogRecords?: null; swarmHello?: null; swarmHave?: null; swarmOffer?: null; swarmDecline?: null; swarmBye?: null }|{ body?: "delta"; ping?: null; ack?: null; pingReq?: null; pingReqAck?: null; delta: shoal.gossip.DeltaMessage.$Shape; ihave?: null; graft?: null; prune?: null; summary?: null; livenessList?: null; hostVersions?: null; hostRecords?: null; catalogBuckets?: null; catalogKeys?: null; catalogWant?: null; catalogRecords?: null; swarmHello?: null; swarmHave?: null; swarmOffer?: null; swarmDecline?: null; swarmBye?: null }|{ body?: "ihave"; ping?: null; ack?: null; pingReq?: null; pingReqAck?: null; delta?: null; ihave: shoal.gossip.Ids.$Shape; graft?: null; prune?: null; summary?: null; livenessList?: null; hostVersions?: null; hostRecords?: null; catalogBuckets?: null; catalogKeys?: null; catalogWant?: null; catalogRecords?: null; swarmHello?: null; swarmHave?: null; swarmOffer?: null; swarmDecline?: null; swarmBye?: null }|{ body?: "graft"; ping?: null; ack?: null; pingReq?: null; pingReqAck?: null; delta?: null; ihave?: null; graft: shoal.gossip.Ids.$Shape; prune?: null; summary?: null; livenessList?: null; hostVersions?: null; hostRecords?: null; catalogBuckets?: null; catalogKeys?: null; catalogWant?: null; catalogRecords?: null; swarmHello?: null; swarmHave?: null; swarmOffer?: null; swarmDecline?: null; swarmBye?: null }|{ body?: "prune"; ping?: null; ack?: null; pingReq?: null; pingReqAck?: null; delta?: null; ihave?: null; graft?: null; prune: shoal.gossip.Prune.$Shape; summary?: null; livenessList?: null; hostVersions?: null; hostRecords?: null; catalogBuckets?: null; catalogKeys?: null; catalogWant?: null; catalogRecords?: null; swarmHello?: null; swarmHave?: null; swarmOffer?: null; swarmDecline?: null; swarmBye?: null }|{ body?: "summary"; ping?: null; ack?: null; pingReq?: null; pingReqAck?: null; delta?: null; ihave?: null; graft?: null; prune?: null; summary: shoal.gossip.Summary.$Shape; livenessList?: null; hostVersions?: null; hostRecords?: null; catalogBuckets?: null; catalogKeys?: null; catalogWant?: null; catalogRecords?: null; swarmHello?: null; swarmHave?: null; swarmOffer?: null; swarmDecline?: null; swarmBye?: null }|{ body?: "livenessList"; ping?: null; ack?: null; pingReq?: null; pingReqAck?: null; delta?: null; ihave?: null; graft?: null; prune?: null; summary?: null; livenessList: shoal.gossip.LivenessList.$Shape; hostVersions?: null; hostRecords?: null; catalogBuckets?: null; catalogKeys?: null; catalogWant?: null; catalogRecords?: null; swarmHello?: null; swarmHave?: null; swarmOffer?: null; swarmDecline?: null; swarmBye?: null }|{ body?: "hostVersions"; ping?: null; ack?: null; pingReq?: null; pingReqAck?: null; delta?: null; ihave?: null; graft?: null; prune?: null; summary?: null; livenessList?: null; hostVersions: shoal.gossip.HostVersions.$Shape; hostRecords?: null; catalogBuckets?: null; catalogKeys?: null; catalogWant?: null; catalogRecords?: null; swarmHello?: null; swarmHave?: null; swarmOffer?: null; swarmDecline?: null; swarmBye?: null }|{ body?: "hostRecords"; ping?: null; ack?: null; pingReq?: null; pingReqAck?: null; delta?: null; ihave?: null; graft?: null; prune?: null; summary?: null; livenessList?: null; hostVersions?: null; hostRecords: shoal.gossip.HostRecords.$Shape; catalogBuckets?: null; catalogKeys?: null; catalogWant?: null; catalogRecords?: null; swarmHello?: null; swarmHave?: null; swarmOffer?: null; swarmDecline?: null; swarmBye?: null }|{ body?: "catalogBuckets"; ping?: null; ack?: null; pingReq?: null; pingReqAck?: null; delta?: null; ihave?: null; graft?: null; prune?: null; summary?: null; livenessList?: null; hostVersions?: null; hostRecords?: null; catalogBuckets: shoal.gossip.CatalogBuckets.$Shape; catalogKeys?: null; catalogWant?: null; catalogRecords?: null; swarmHello?: null; swarmHave?: null; swarmOffer?: null; swarmDecline?: null; swarmBye?: null }|{ body?: "catalogKeys"; ping?: null; ack?: null; pingReq?: null; pingReqAck?: null; delta?: null; ihave?: null; graft?: null; prune?: null; summary?: null; livenessList?: null; hostVersions?: null; hostRecords?: null; catalogBuckets?: null; catalogKeys: shoal.gossip.CatalogKeys.$Shape; catalogWant?: null; catalogRecords?: null; swarmHello?: null; swarmHave?: null; swarmOffer?: null; swarmDecline?: null; swarmBye?: null }|{ body?: "catalogWant"; ping?: null; ack?: null; pingReq?: null; pingReqAck?: null; delta?: null; ihave?: null; graft?: null; prune?: null; summary?: null; livenessList?: null; hostVersions?: null; hostRecords?: null; catalogBuckets?: null; catalogKeys?: null; catalogWant: shoal.gossip.CatalogWant.$Shape; catalogRecords?: null; swarmHello?: null; swarmHave?: null; swarmOffer?: null; swarmDecline?: null; swarmBye?: null }|{ body?: "catalogRecords"; ping?: null; ack?: null; pingReq?: null; pingReqAck?: null; delta?: null; ihave?: null; graft?: null; prune?: null; summary?: null; livenessList?: null; hostVersions?: null; hostRecords?: null; catalogBuckets?: null; catalogKeys?: null; catalogWant?: null; catalogRecords: shoal.gossip.CatalogRecords.$Shape; swarmHello?: null; swarmHave?: null; swarmOffer?: null; swarmDecline?: null; swarmBye?: null }|{ body?: "swarmHello"; ping?: null; ack?: null; pingReq?: null; pingReqAck?: null; delta?: null; ihave?: null; graft?: null; prune?: null; summary?: null; livenessList?: null; hostVersions?: null; hostRecords?: null; catalogBuckets?: null; catalogKeys?: null; catalogWant?: null; catalogRecords?: null; swarmHello: shoal.gossip.SwarmHello.$Shape; swarmHave?: null; swarmOffer?: null; swarmDecline?: null; swarmBye?: null }|{ body?: "swarmHave"; ping?: null; ack?: null; pingReq?: null; pingReqAck?: null; delta?: null; ihave?: null; graft?: null; prune?: null; summary?: null; livenessList?: null; hostVersions?: null; hostRecords?: null; catalogBuckets?: null; catalogKeys?: null; catalogWant?: null; catalogRecords?: null; swarmHello?: null; swarmHave: shoal.gossip.SwarmHave.$Shape; swarmOffer?: null; swarmDecline?: null; swarmBye?: null }|{ body?: "swarmOffer"; ping?: null; ack?: null; pingReq?: null; pingReqAck?: null; delta?: null; ihave?: null; graft?: null; prune?: null; summary?: null; livenessList?: null; hostVersions?: null; hostRecords?: null; catalogBuckets?: null; catalogKeys?: null; catalogWant?: null; catalogRecords?: null; swarmHello?: null; swarmHave?: null; swarmOffer: shoal.gossip.SwarmOffer.$Shape; swarmDecline?: null; swarmBye?: null }|{ body?: "swarmDecline"; ping?: null; ack?: null; pingReq?: null; pingReqAck?: null; delta?: null; ihave?: null; graft?: null; prune?: null; summary?: null; livenessList?: null; hostVersions?: null; hostRecords?: null; catalogBuckets?: null; catalogKeys?: null; catalogWant?: null; catalogRecords?: null; swarmHello?: null; swarmHave?: null; swarmOffer?: null; swarmDecline: shoal.gossip.SwarmDecline.$Shape; swarmBye?: null }|{ body?: "swarmBye"; ping?: null; ack?: null; pingReq?: null; pingReqAck?: null; delta?: null; ihave?: null; graft?: null; prune?: null; summary?: null; livenessList?: null; hostVersions?: null; hostRecords?: null; catalogBuckets?: null; catalogKeys?: null; catalogWant?: null; catalogRecords?: null; swarmHello?: null; swarmHave?: null; swarmOffer?: null; swarmDecline?: null; swarmBye: shoal.gossip.SwarmBye.$Shape })
            );
        }

        /**
         * Properties of a Ping.
         * @deprecated Use shoal.gossip.Ping.$Properties instead.
         */
        interface IPing extends shoal.gossip.Ping.$Properties {
        }

        /** Represents a Ping. */
        class Ping {

            /**
             * Constructs a new Ping.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.Ping.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Ping seq. */
            seq: number;

            /** Ping incarnation. */
            incarnation: number;

            /**
             * Encodes the specified Ping message. Does not implicitly {@link shoal.gossip.Ping.verify|verify} messages.
             * @param message Ping message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.Ping.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Ping message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.Ping & shoal.gossip.Ping.$Shape} Ping
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.Ping & shoal.gossip.Ping.$Shape;
        }

        namespace Ping {

            /** Properties of a Ping. */
            interface $Properties {

                /** Ping seq */
                seq?: (number|null);

                /** Ping incarnation */
                incarnation?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Ping. */
            type $Shape = shoal.gossip.Ping.$Properties;
        }

        /**
         * Properties of an Ack.
         * @deprecated Use shoal.gossip.Ack.$Properties instead.
         */
        interface IAck extends shoal.gossip.Ack.$Properties {
        }

        /** Represents an Ack. */
        class Ack {

            /**
             * Constructs a new Ack.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.Ack.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Ack seq. */
            seq: number;

            /** Ack incarnation. */
            incarnation: number;

            /**
             * Encodes the specified Ack message. Does not implicitly {@link shoal.gossip.Ack.verify|verify} messages.
             * @param message Ack message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.Ack.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Ack message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.Ack & shoal.gossip.Ack.$Shape} Ack
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.Ack & shoal.gossip.Ack.$Shape;
        }

        namespace Ack {

            /** Properties of an Ack. */
            interface $Properties {

                /** Ack seq */
                seq?: (number|null);

                /** Ack incarnation */
                incarnation?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Ack. */
            type $Shape = shoal.gossip.Ack.$Properties;
        }

        /**
         * Properties of a PingReq.
         * @deprecated Use shoal.gossip.PingReq.$Properties instead.
         */
        interface IPingReq extends shoal.gossip.PingReq.$Properties {
        }

        /** Represents a PingReq. */
        class PingReq {

            /**
             * Constructs a new PingReq.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.PingReq.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PingReq seq. */
            seq: number;

            /** PingReq target. */
            target: string;

            /**
             * Encodes the specified PingReq message. Does not implicitly {@link shoal.gossip.PingReq.verify|verify} messages.
             * @param message PingReq message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.PingReq.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PingReq message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.PingReq & shoal.gossip.PingReq.$Shape} PingReq
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.PingReq & shoal.gossip.PingReq.$Shape;
        }

        namespace PingReq {

            /** Properties of a PingReq. */
            interface $Properties {

                /** PingReq seq */
                seq?: (number|null);

                /** PingReq target */
                target?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PingReq. */
            type $Shape = shoal.gossip.PingReq.$Properties;
        }

        /**
         * Properties of a PingReqAck.
         * @deprecated Use shoal.gossip.PingReqAck.$Properties instead.
         */
        interface IPingReqAck extends shoal.gossip.PingReqAck.$Properties {
        }

        /** Represents a PingReqAck. */
        class PingReqAck {

            /**
             * Constructs a new PingReqAck.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.PingReqAck.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PingReqAck seq. */
            seq: number;

            /** PingReqAck target. */
            target: string;

            /** PingReqAck incarnation. */
            incarnation: number;

            /**
             * Encodes the specified PingReqAck message. Does not implicitly {@link shoal.gossip.PingReqAck.verify|verify} messages.
             * @param message PingReqAck message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.PingReqAck.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PingReqAck message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.PingReqAck & shoal.gossip.PingReqAck.$Shape} PingReqAck
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.PingReqAck & shoal.gossip.PingReqAck.$Shape;
        }

        namespace PingReqAck {

            /** Properties of a PingReqAck. */
            interface $Properties {

                /** PingReqAck seq */
                seq?: (number|null);

                /** PingReqAck target */
                target?: (string|null);

                /** PingReqAck incarnation */
                incarnation?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PingReqAck. */
            type $Shape = shoal.gossip.PingReqAck.$Properties;
        }

        /**
         * Properties of a DeltaMessage.
         * @deprecated Use shoal.gossip.DeltaMessage.$Properties instead.
         */
        interface IDeltaMessage extends shoal.gossip.DeltaMessage.$Properties {
        }

        /** Represents a DeltaMessage. */
        class DeltaMessage {

            /**
             * Constructs a new DeltaMessage.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.DeltaMessage.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DeltaMessage id. */
            id: string;

            /** DeltaMessage hops. */
            hops: number;

            /** DeltaMessage delta. */
            delta?: (shoal.gossip.Delta.$Properties|null);

            /**
             * Encodes the specified DeltaMessage message. Does not implicitly {@link shoal.gossip.DeltaMessage.verify|verify} messages.
             * @param message DeltaMessage message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.DeltaMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DeltaMessage message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.DeltaMessage & shoal.gossip.DeltaMessage.$Shape} DeltaMessage
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.DeltaMessage & shoal.gossip.DeltaMessage.$Shape;
        }

        namespace DeltaMessage {

            /** Properties of a DeltaMessage. */
            interface $Properties {

                /** DeltaMessage id */
                id?: (string|null);

                /** DeltaMessage hops */
                hops?: (number|null);

                /** DeltaMessage delta */
                delta?: (shoal.gossip.Delta.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DeltaMessage. */
            type $Shape = shoal.gossip.DeltaMessage.$Properties;
        }

        /**
         * Properties of a Delta.
         * @deprecated Use shoal.gossip.Delta.$Properties instead.
         */
        interface IDelta extends shoal.gossip.Delta.$Properties {
        }

        /** Represents a Delta. */
        class Delta {

            /**
             * Constructs a new Delta.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.Delta.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Delta kind. */
            kind: string;

            /** Delta update. */
            update?: (shoal.gossip.LivenessUpdate.$Properties|null);

            /** Delta record. */
            record?: (shoal.gossip.SignedHostRecord.$Properties|null);

            /** Delta records. */
            records: shoal.gossip.CatalogRecord.$Properties[];

            /**
             * Encodes the specified Delta message. Does not implicitly {@link shoal.gossip.Delta.verify|verify} messages.
             * @param message Delta message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.Delta.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Delta message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.Delta & shoal.gossip.Delta.$Shape} Delta
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.Delta & shoal.gossip.Delta.$Shape;
        }

        namespace Delta {

            /** Properties of a Delta. */
            interface $Properties {

                /** Delta kind */
                kind?: (string|null);

                /** Delta update */
                update?: (shoal.gossip.LivenessUpdate.$Properties|null);

                /** Delta record */
                record?: (shoal.gossip.SignedHostRecord.$Properties|null);

                /** Delta records */
                records?: (shoal.gossip.CatalogRecord.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Delta. */
            type $Shape = shoal.gossip.Delta.$Properties;
        }

        /**
         * Properties of a LivenessUpdate.
         * @deprecated Use shoal.gossip.LivenessUpdate.$Properties instead.
         */
        interface ILivenessUpdate extends shoal.gossip.LivenessUpdate.$Properties {
        }

        /** Represents a LivenessUpdate. */
        class LivenessUpdate {

            /**
             * Constructs a new LivenessUpdate.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.LivenessUpdate.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LivenessUpdate hostId. */
            hostId: string;

            /** LivenessUpdate status. */
            status: string;

            /** LivenessUpdate incarnation. */
            incarnation: number;

            /** LivenessUpdate by. */
            by: string;

            /**
             * Encodes the specified LivenessUpdate message. Does not implicitly {@link shoal.gossip.LivenessUpdate.verify|verify} messages.
             * @param message LivenessUpdate message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.LivenessUpdate.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LivenessUpdate message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.LivenessUpdate & shoal.gossip.LivenessUpdate.$Shape} LivenessUpdate
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.LivenessUpdate & shoal.gossip.LivenessUpdate.$Shape;
        }

        namespace LivenessUpdate {

            /** Properties of a LivenessUpdate. */
            interface $Properties {

                /** LivenessUpdate hostId */
                hostId?: (string|null);

                /** LivenessUpdate status */
                status?: (string|null);

                /** LivenessUpdate incarnation */
                incarnation?: (number|null);

                /** LivenessUpdate by */
                by?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LivenessUpdate. */
            type $Shape = shoal.gossip.LivenessUpdate.$Properties;
        }

        /**
         * Properties of a SignedHostRecord.
         * @deprecated Use shoal.gossip.SignedHostRecord.$Properties instead.
         */
        interface ISignedHostRecord extends shoal.gossip.SignedHostRecord.$Properties {
        }

        /** Represents a SignedHostRecord. */
        class SignedHostRecord {

            /**
             * Constructs a new SignedHostRecord.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.SignedHostRecord.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SignedHostRecord hostId. */
            hostId: string;

            /** SignedHostRecord incarnation. */
            incarnation: number;

            /** SignedHostRecord sequence. */
            sequence: number;

            /** SignedHostRecord payload. */
            payload: Uint8Array;

            /** SignedHostRecord signature. */
            signature: Uint8Array;

            /**
             * Encodes the specified SignedHostRecord message. Does not implicitly {@link shoal.gossip.SignedHostRecord.verify|verify} messages.
             * @param message SignedHostRecord message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.SignedHostRecord.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SignedHostRecord message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.SignedHostRecord & shoal.gossip.SignedHostRecord.$Shape} SignedHostRecord
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.SignedHostRecord & shoal.gossip.SignedHostRecord.$Shape;
        }

        namespace SignedHostRecord {

            /** Properties of a SignedHostRecord. */
            interface $Properties {

                /** SignedHostRecord hostId */
                hostId?: (string|null);

                /** SignedHostRecord incarnation */
                incarnation?: (number|null);

                /** SignedHostRecord sequence */
                sequence?: (number|null);

                /** SignedHostRecord payload */
                payload?: (Uint8Array|null);

                /** SignedHostRecord signature */
                signature?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SignedHostRecord. */
            type $Shape = shoal.gossip.SignedHostRecord.$Properties;
        }

        /**
         * Properties of a CatalogRecord.
         * @deprecated Use shoal.gossip.CatalogRecord.$Properties instead.
         */
        interface ICatalogRecord extends shoal.gossip.CatalogRecord.$Properties {
        }

        /** Represents a CatalogRecord. */
        class CatalogRecord {

            /**
             * Constructs a new CatalogRecord.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.CatalogRecord.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CatalogRecord key. */
            key: string;

            /** CatalogRecord hlc. */
            hlc: string;

            /** CatalogRecord author. */
            author: string;

            /** CatalogRecord deleted. */
            deleted: boolean;

            /** CatalogRecord value. */
            value: string;

            /** CatalogRecord ancestors. */
            ancestors: string[];

            /**
             * Encodes the specified CatalogRecord message. Does not implicitly {@link shoal.gossip.CatalogRecord.verify|verify} messages.
             * @param message CatalogRecord message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.CatalogRecord.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CatalogRecord message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.CatalogRecord & shoal.gossip.CatalogRecord.$Shape} CatalogRecord
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.CatalogRecord & shoal.gossip.CatalogRecord.$Shape;
        }

        namespace CatalogRecord {

            /** Properties of a CatalogRecord. */
            interface $Properties {

                /** CatalogRecord key */
                key?: (string|null);

                /** CatalogRecord hlc */
                hlc?: (string|null);

                /** CatalogRecord author */
                author?: (string|null);

                /** CatalogRecord deleted */
                deleted?: (boolean|null);

                /** CatalogRecord value */
                value?: (string|null);

                /** CatalogRecord ancestors */
                ancestors?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CatalogRecord. */
            type $Shape = shoal.gossip.CatalogRecord.$Properties;
        }

        /**
         * Properties of an Ids.
         * @deprecated Use shoal.gossip.Ids.$Properties instead.
         */
        interface IIds extends shoal.gossip.Ids.$Properties {
        }

        /** Represents an Ids. */
        class Ids {

            /**
             * Constructs a new Ids.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.Ids.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Ids ids. */
            ids: string[];

            /**
             * Encodes the specified Ids message. Does not implicitly {@link shoal.gossip.Ids.verify|verify} messages.
             * @param message Ids message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.Ids.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Ids message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.Ids & shoal.gossip.Ids.$Shape} Ids
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.Ids & shoal.gossip.Ids.$Shape;
        }

        namespace Ids {

            /** Properties of an Ids. */
            interface $Properties {

                /** Ids ids */
                ids?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Ids. */
            type $Shape = shoal.gossip.Ids.$Properties;
        }

        /**
         * Properties of a Prune.
         * @deprecated Use shoal.gossip.Prune.$Properties instead.
         */
        interface IPrune extends shoal.gossip.Prune.$Properties {
        }

        /** Represents a Prune. */
        class Prune {

            /**
             * Constructs a new Prune.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.Prune.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified Prune message. Does not implicitly {@link shoal.gossip.Prune.verify|verify} messages.
             * @param message Prune message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.Prune.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Prune message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.Prune & shoal.gossip.Prune.$Shape} Prune
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.Prune & shoal.gossip.Prune.$Shape;
        }

        namespace Prune {

            /** Properties of a Prune. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Prune. */
            type $Shape = shoal.gossip.Prune.$Properties;
        }

        /**
         * Properties of a Summary.
         * @deprecated Use shoal.gossip.Summary.$Properties instead.
         */
        interface ISummary extends shoal.gossip.Summary.$Properties {
        }

        /** Represents a Summary. */
        class Summary {

            /**
             * Constructs a new Summary.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.Summary.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Summary liveness. */
            liveness: string;

            /** Summary hosts. */
            hosts: string;

            /** Summary catalog. */
            catalog: string;

            /** Summary isReply. */
            isReply: boolean;

            /**
             * Encodes the specified Summary message. Does not implicitly {@link shoal.gossip.Summary.verify|verify} messages.
             * @param message Summary message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.Summary.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Summary message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.Summary & shoal.gossip.Summary.$Shape} Summary
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.Summary & shoal.gossip.Summary.$Shape;
        }

        namespace Summary {

            /** Properties of a Summary. */
            interface $Properties {

                /** Summary liveness */
                liveness?: (string|null);

                /** Summary hosts */
                hosts?: (string|null);

                /** Summary catalog */
                catalog?: (string|null);

                /** Summary isReply */
                isReply?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Summary. */
            type $Shape = shoal.gossip.Summary.$Properties;
        }

        /**
         * Properties of a LivenessList.
         * @deprecated Use shoal.gossip.LivenessList.$Properties instead.
         */
        interface ILivenessList extends shoal.gossip.LivenessList.$Properties {
        }

        /** Represents a LivenessList. */
        class LivenessList {

            /**
             * Constructs a new LivenessList.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.LivenessList.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** LivenessList updates. */
            updates: shoal.gossip.LivenessUpdate.$Properties[];

            /** LivenessList isReply. */
            isReply: boolean;

            /**
             * Encodes the specified LivenessList message. Does not implicitly {@link shoal.gossip.LivenessList.verify|verify} messages.
             * @param message LivenessList message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.LivenessList.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a LivenessList message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.LivenessList & shoal.gossip.LivenessList.$Shape} LivenessList
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.LivenessList & shoal.gossip.LivenessList.$Shape;
        }

        namespace LivenessList {

            /** Properties of a LivenessList. */
            interface $Properties {

                /** LivenessList updates */
                updates?: (shoal.gossip.LivenessUpdate.$Properties[]|null);

                /** LivenessList isReply */
                isReply?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a LivenessList. */
            type $Shape = shoal.gossip.LivenessList.$Properties;
        }

        /**
         * Properties of a HostVersion.
         * @deprecated Use shoal.gossip.HostVersion.$Properties instead.
         */
        interface IHostVersion extends shoal.gossip.HostVersion.$Properties {
        }

        /** Represents a HostVersion. */
        class HostVersion {

            /**
             * Constructs a new HostVersion.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.HostVersion.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** HostVersion hostId. */
            hostId: string;

            /** HostVersion incarnation. */
            incarnation: number;

            /** HostVersion sequence. */
            sequence: number;

            /**
             * Encodes the specified HostVersion message. Does not implicitly {@link shoal.gossip.HostVersion.verify|verify} messages.
             * @param message HostVersion message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.HostVersion.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a HostVersion message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.HostVersion & shoal.gossip.HostVersion.$Shape} HostVersion
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.HostVersion & shoal.gossip.HostVersion.$Shape;
        }

        namespace HostVersion {

            /** Properties of a HostVersion. */
            interface $Properties {

                /** HostVersion hostId */
                hostId?: (string|null);

                /** HostVersion incarnation */
                incarnation?: (number|null);

                /** HostVersion sequence */
                sequence?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a HostVersion. */
            type $Shape = shoal.gossip.HostVersion.$Properties;
        }

        /**
         * Properties of a HostVersions.
         * @deprecated Use shoal.gossip.HostVersions.$Properties instead.
         */
        interface IHostVersions extends shoal.gossip.HostVersions.$Properties {
        }

        /** Represents a HostVersions. */
        class HostVersions {

            /**
             * Constructs a new HostVersions.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.HostVersions.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** HostVersions versions. */
            versions: shoal.gossip.HostVersion.$Properties[];

            /** HostVersions isReply. */
            isReply: boolean;

            /**
             * Encodes the specified HostVersions message. Does not implicitly {@link shoal.gossip.HostVersions.verify|verify} messages.
             * @param message HostVersions message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.HostVersions.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a HostVersions message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.HostVersions & shoal.gossip.HostVersions.$Shape} HostVersions
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.HostVersions & shoal.gossip.HostVersions.$Shape;
        }

        namespace HostVersions {

            /** Properties of a HostVersions. */
            interface $Properties {

                /** HostVersions versions */
                versions?: (shoal.gossip.HostVersion.$Properties[]|null);

                /** HostVersions isReply */
                isReply?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a HostVersions. */
            type $Shape = shoal.gossip.HostVersions.$Properties;
        }

        /**
         * Properties of a HostRecords.
         * @deprecated Use shoal.gossip.HostRecords.$Properties instead.
         */
        interface IHostRecords extends shoal.gossip.HostRecords.$Properties {
        }

        /** Represents a HostRecords. */
        class HostRecords {

            /**
             * Constructs a new HostRecords.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.HostRecords.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** HostRecords records. */
            records: shoal.gossip.SignedHostRecord.$Properties[];

            /**
             * Encodes the specified HostRecords message. Does not implicitly {@link shoal.gossip.HostRecords.verify|verify} messages.
             * @param message HostRecords message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.HostRecords.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a HostRecords message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.HostRecords & shoal.gossip.HostRecords.$Shape} HostRecords
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.HostRecords & shoal.gossip.HostRecords.$Shape;
        }

        namespace HostRecords {

            /** Properties of a HostRecords. */
            interface $Properties {

                /** HostRecords records */
                records?: (shoal.gossip.SignedHostRecord.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a HostRecords. */
            type $Shape = shoal.gossip.HostRecords.$Properties;
        }

        /**
         * Properties of a BucketHash.
         * @deprecated Use shoal.gossip.BucketHash.$Properties instead.
         */
        interface IBucketHash extends shoal.gossip.BucketHash.$Properties {
        }

        /** Represents a BucketHash. */
        class BucketHash {

            /**
             * Constructs a new BucketHash.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.BucketHash.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** BucketHash bucket. */
            bucket: number;

            /** BucketHash hash. */
            hash: string;

            /**
             * Encodes the specified BucketHash message. Does not implicitly {@link shoal.gossip.BucketHash.verify|verify} messages.
             * @param message BucketHash message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.BucketHash.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a BucketHash message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.BucketHash & shoal.gossip.BucketHash.$Shape} BucketHash
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.BucketHash & shoal.gossip.BucketHash.$Shape;
        }

        namespace BucketHash {

            /** Properties of a BucketHash. */
            interface $Properties {

                /** BucketHash bucket */
                bucket?: (number|null);

                /** BucketHash hash */
                hash?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a BucketHash. */
            type $Shape = shoal.gossip.BucketHash.$Properties;
        }

        /**
         * Properties of a CatalogBuckets.
         * @deprecated Use shoal.gossip.CatalogBuckets.$Properties instead.
         */
        interface ICatalogBuckets extends shoal.gossip.CatalogBuckets.$Properties {
        }

        /** Represents a CatalogBuckets. */
        class CatalogBuckets {

            /**
             * Constructs a new CatalogBuckets.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.CatalogBuckets.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CatalogBuckets hashes. */
            hashes: shoal.gossip.BucketHash.$Properties[];

            /**
             * Encodes the specified CatalogBuckets message. Does not implicitly {@link shoal.gossip.CatalogBuckets.verify|verify} messages.
             * @param message CatalogBuckets message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.CatalogBuckets.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CatalogBuckets message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.CatalogBuckets & shoal.gossip.CatalogBuckets.$Shape} CatalogBuckets
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.CatalogBuckets & shoal.gossip.CatalogBuckets.$Shape;
        }

        namespace CatalogBuckets {

            /** Properties of a CatalogBuckets. */
            interface $Properties {

                /** CatalogBuckets hashes */
                hashes?: (shoal.gossip.BucketHash.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CatalogBuckets. */
            type $Shape = shoal.gossip.CatalogBuckets.$Properties;
        }

        /**
         * Properties of a KeyStamp.
         * @deprecated Use shoal.gossip.KeyStamp.$Properties instead.
         */
        interface IKeyStamp extends shoal.gossip.KeyStamp.$Properties {
        }

        /** Represents a KeyStamp. */
        class KeyStamp {

            /**
             * Constructs a new KeyStamp.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.KeyStamp.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** KeyStamp key. */
            key: string;

            /** KeyStamp hlc. */
            hlc: string;

            /**
             * Encodes the specified KeyStamp message. Does not implicitly {@link shoal.gossip.KeyStamp.verify|verify} messages.
             * @param message KeyStamp message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.KeyStamp.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a KeyStamp message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.KeyStamp & shoal.gossip.KeyStamp.$Shape} KeyStamp
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.KeyStamp & shoal.gossip.KeyStamp.$Shape;
        }

        namespace KeyStamp {

            /** Properties of a KeyStamp. */
            interface $Properties {

                /** KeyStamp key */
                key?: (string|null);

                /** KeyStamp hlc */
                hlc?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a KeyStamp. */
            type $Shape = shoal.gossip.KeyStamp.$Properties;
        }

        /**
         * Properties of a CatalogKeys.
         * @deprecated Use shoal.gossip.CatalogKeys.$Properties instead.
         */
        interface ICatalogKeys extends shoal.gossip.CatalogKeys.$Properties {
        }

        /** Represents a CatalogKeys. */
        class CatalogKeys {

            /**
             * Constructs a new CatalogKeys.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.CatalogKeys.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CatalogKeys buckets. */
            buckets: number[];

            /** CatalogKeys keys. */
            keys: shoal.gossip.KeyStamp.$Properties[];

            /** CatalogKeys isReply. */
            isReply: boolean;

            /**
             * Encodes the specified CatalogKeys message. Does not implicitly {@link shoal.gossip.CatalogKeys.verify|verify} messages.
             * @param message CatalogKeys message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.CatalogKeys.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CatalogKeys message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.CatalogKeys & shoal.gossip.CatalogKeys.$Shape} CatalogKeys
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.CatalogKeys & shoal.gossip.CatalogKeys.$Shape;
        }

        namespace CatalogKeys {

            /** Properties of a CatalogKeys. */
            interface $Properties {

                /** CatalogKeys buckets */
                buckets?: (number[]|null);

                /** CatalogKeys keys */
                keys?: (shoal.gossip.KeyStamp.$Properties[]|null);

                /** CatalogKeys isReply */
                isReply?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CatalogKeys. */
            type $Shape = shoal.gossip.CatalogKeys.$Properties;
        }

        /**
         * Properties of a CatalogWant.
         * @deprecated Use shoal.gossip.CatalogWant.$Properties instead.
         */
        interface ICatalogWant extends shoal.gossip.CatalogWant.$Properties {
        }

        /** Represents a CatalogWant. */
        class CatalogWant {

            /**
             * Constructs a new CatalogWant.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.CatalogWant.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CatalogWant keys. */
            keys: string[];

            /**
             * Encodes the specified CatalogWant message. Does not implicitly {@link shoal.gossip.CatalogWant.verify|verify} messages.
             * @param message CatalogWant message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.CatalogWant.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CatalogWant message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.CatalogWant & shoal.gossip.CatalogWant.$Shape} CatalogWant
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.CatalogWant & shoal.gossip.CatalogWant.$Shape;
        }

        namespace CatalogWant {

            /** Properties of a CatalogWant. */
            interface $Properties {

                /** CatalogWant keys */
                keys?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CatalogWant. */
            type $Shape = shoal.gossip.CatalogWant.$Properties;
        }

        /**
         * Properties of a CatalogRecords.
         * @deprecated Use shoal.gossip.CatalogRecords.$Properties instead.
         */
        interface ICatalogRecords extends shoal.gossip.CatalogRecords.$Properties {
        }

        /** Represents a CatalogRecords. */
        class CatalogRecords {

            /**
             * Constructs a new CatalogRecords.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.CatalogRecords.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** CatalogRecords records. */
            records: shoal.gossip.CatalogRecord.$Properties[];

            /**
             * Encodes the specified CatalogRecords message. Does not implicitly {@link shoal.gossip.CatalogRecords.verify|verify} messages.
             * @param message CatalogRecords message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.CatalogRecords.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a CatalogRecords message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.CatalogRecords & shoal.gossip.CatalogRecords.$Shape} CatalogRecords
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.CatalogRecords & shoal.gossip.CatalogRecords.$Shape;
        }

        namespace CatalogRecords {

            /** Properties of a CatalogRecords. */
            interface $Properties {

                /** CatalogRecords records */
                records?: (shoal.gossip.CatalogRecord.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a CatalogRecords. */
            type $Shape = shoal.gossip.CatalogRecords.$Properties;
        }

        /**
         * Properties of a SwarmHello.
         * @deprecated Use shoal.gossip.SwarmHello.$Properties instead.
         */
        interface ISwarmHello extends shoal.gossip.SwarmHello.$Properties {
        }

        /** Represents a SwarmHello. */
        class SwarmHello {

            /**
             * Constructs a new SwarmHello.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.SwarmHello.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SwarmHello digest. */
            digest: string;

            /** SwarmHello sizeBytes. */
            sizeBytes: number;

            /** SwarmHello have. */
            have: Uint8Array;

            /** SwarmHello getting. */
            getting: number[];

            /** SwarmHello isReply. */
            isReply: boolean;

            /**
             * Encodes the specified SwarmHello message. Does not implicitly {@link shoal.gossip.SwarmHello.verify|verify} messages.
             * @param message SwarmHello message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.SwarmHello.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SwarmHello message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.SwarmHello & shoal.gossip.SwarmHello.$Shape} SwarmHello
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.SwarmHello & shoal.gossip.SwarmHello.$Shape;
        }

        namespace SwarmHello {

            /** Properties of a SwarmHello. */
            interface $Properties {

                /** SwarmHello digest */
                digest?: (string|null);

                /** SwarmHello sizeBytes */
                sizeBytes?: (number|null);

                /** SwarmHello have */
                have?: (Uint8Array|null);

                /** SwarmHello getting */
                getting?: (number[]|null);

                /** SwarmHello isReply */
                isReply?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SwarmHello. */
            type $Shape = shoal.gossip.SwarmHello.$Properties;
        }

        /**
         * Properties of a SwarmHave.
         * @deprecated Use shoal.gossip.SwarmHave.$Properties instead.
         */
        interface ISwarmHave extends shoal.gossip.SwarmHave.$Properties {
        }

        /** Represents a SwarmHave. */
        class SwarmHave {

            /**
             * Constructs a new SwarmHave.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.SwarmHave.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SwarmHave digest. */
            digest: string;

            /** SwarmHave got. */
            got: number[];

            /** SwarmHave getting. */
            getting: number[];

            /** SwarmHave dropped. */
            dropped: number[];

            /**
             * Encodes the specified SwarmHave message. Does not implicitly {@link shoal.gossip.SwarmHave.verify|verify} messages.
             * @param message SwarmHave message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.SwarmHave.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SwarmHave message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.SwarmHave & shoal.gossip.SwarmHave.$Shape} SwarmHave
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.SwarmHave & shoal.gossip.SwarmHave.$Shape;
        }

        namespace SwarmHave {

            /** Properties of a SwarmHave. */
            interface $Properties {

                /** SwarmHave digest */
                digest?: (string|null);

                /** SwarmHave got */
                got?: (number[]|null);

                /** SwarmHave getting */
                getting?: (number[]|null);

                /** SwarmHave dropped */
                dropped?: (number[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SwarmHave. */
            type $Shape = shoal.gossip.SwarmHave.$Properties;
        }

        /**
         * Properties of a PieceProof.
         * @deprecated Use shoal.gossip.PieceProof.$Properties instead.
         */
        interface IPieceProof extends shoal.gossip.PieceProof.$Properties {
        }

        /** Represents a PieceProof. */
        class PieceProof {

            /**
             * Constructs a new PieceProof.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.PieceProof.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** PieceProof sha256. */
            sha256: Uint8Array;

            /** PieceProof maker. */
            maker: string;

            /** PieceProof signature. */
            signature: Uint8Array;

            /**
             * Encodes the specified PieceProof message. Does not implicitly {@link shoal.gossip.PieceProof.verify|verify} messages.
             * @param message PieceProof message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.PieceProof.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a PieceProof message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.PieceProof & shoal.gossip.PieceProof.$Shape} PieceProof
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.PieceProof & shoal.gossip.PieceProof.$Shape;
        }

        namespace PieceProof {

            /** Properties of a PieceProof. */
            interface $Properties {

                /** PieceProof sha256 */
                sha256?: (Uint8Array|null);

                /** PieceProof maker */
                maker?: (string|null);

                /** PieceProof signature */
                signature?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a PieceProof. */
            type $Shape = shoal.gossip.PieceProof.$Properties;
        }

        /**
         * Properties of a SwarmOffer.
         * @deprecated Use shoal.gossip.SwarmOffer.$Properties instead.
         */
        interface ISwarmOffer extends shoal.gossip.SwarmOffer.$Properties {
        }

        /** Represents a SwarmOffer. */
        class SwarmOffer {

            /**
             * Constructs a new SwarmOffer.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.SwarmOffer.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SwarmOffer digest. */
            digest: string;

            /** SwarmOffer piece. */
            piece: number;

            /** SwarmOffer proof. */
            proof?: (shoal.gossip.PieceProof.$Properties|null);

            /**
             * Encodes the specified SwarmOffer message. Does not implicitly {@link shoal.gossip.SwarmOffer.verify|verify} messages.
             * @param message SwarmOffer message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.SwarmOffer.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SwarmOffer message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.SwarmOffer & shoal.gossip.SwarmOffer.$Shape} SwarmOffer
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.SwarmOffer & shoal.gossip.SwarmOffer.$Shape;
        }

        namespace SwarmOffer {

            /** Properties of a SwarmOffer. */
            interface $Properties {

                /** SwarmOffer digest */
                digest?: (string|null);

                /** SwarmOffer piece */
                piece?: (number|null);

                /** SwarmOffer proof */
                proof?: (shoal.gossip.PieceProof.$Properties|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SwarmOffer. */
            type $Shape = shoal.gossip.SwarmOffer.$Properties;
        }

        /**
         * Properties of a SwarmDecline.
         * @deprecated Use shoal.gossip.SwarmDecline.$Properties instead.
         */
        interface ISwarmDecline extends shoal.gossip.SwarmDecline.$Properties {
        }

        /** Represents a SwarmDecline. */
        class SwarmDecline {

            /**
             * Constructs a new SwarmDecline.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.SwarmDecline.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SwarmDecline digest. */
            digest: string;

            /** SwarmDecline piece. */
            piece: number;

            /** SwarmDecline isFull. */
            isFull: boolean;

            /**
             * Encodes the specified SwarmDecline message. Does not implicitly {@link shoal.gossip.SwarmDecline.verify|verify} messages.
             * @param message SwarmDecline message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.SwarmDecline.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SwarmDecline message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.SwarmDecline & shoal.gossip.SwarmDecline.$Shape} SwarmDecline
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.SwarmDecline & shoal.gossip.SwarmDecline.$Shape;
        }

        namespace SwarmDecline {

            /** Properties of a SwarmDecline. */
            interface $Properties {

                /** SwarmDecline digest */
                digest?: (string|null);

                /** SwarmDecline piece */
                piece?: (number|null);

                /** SwarmDecline isFull */
                isFull?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SwarmDecline. */
            type $Shape = shoal.gossip.SwarmDecline.$Properties;
        }

        /**
         * Properties of a SwarmBye.
         * @deprecated Use shoal.gossip.SwarmBye.$Properties instead.
         */
        interface ISwarmBye extends shoal.gossip.SwarmBye.$Properties {
        }

        /** Represents a SwarmBye. */
        class SwarmBye {

            /**
             * Constructs a new SwarmBye.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.gossip.SwarmBye.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** SwarmBye digest. */
            digest: string;

            /**
             * Encodes the specified SwarmBye message. Does not implicitly {@link shoal.gossip.SwarmBye.verify|verify} messages.
             * @param message SwarmBye message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.gossip.SwarmBye.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a SwarmBye message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.gossip.SwarmBye & shoal.gossip.SwarmBye.$Shape} SwarmBye
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.gossip.SwarmBye & shoal.gossip.SwarmBye.$Shape;
        }

        namespace SwarmBye {

            /** Properties of a SwarmBye. */
            interface $Properties {

                /** SwarmBye digest */
                digest?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a SwarmBye. */
            type $Shape = shoal.gossip.SwarmBye.$Properties;
        }
    }

    /** Namespace join. */
    namespace join {

        /**
         * Properties of a JoinToken.
         * @deprecated Use shoal.join.JoinToken.$Properties instead.
         */
        interface IJoinToken extends shoal.join.JoinToken.$Properties {
        }

        /** Represents a JoinToken. */
        class JoinToken {

            /**
             * Constructs a new JoinToken.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.join.JoinToken.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** JoinToken meshId. */
            meshId: string;

            /** JoinToken tokenId. */
            tokenId: string;

            /** JoinToken secret. */
            secret: Uint8Array;

            /** JoinToken addresses. */
            addresses: string[];

            /** JoinToken expiresAtMs. */
            expiresAtMs: number;

            /**
             * Encodes the specified JoinToken message. Does not implicitly {@link shoal.join.JoinToken.verify|verify} messages.
             * @param message JoinToken message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.join.JoinToken.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a JoinToken message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.join.JoinToken & shoal.join.JoinToken.$Shape} JoinToken
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.join.JoinToken & shoal.join.JoinToken.$Shape;
        }

        namespace JoinToken {

            /** Properties of a JoinToken. */
            interface $Properties {

                /** JoinToken meshId */
                meshId?: (string|null);

                /** JoinToken tokenId */
                tokenId?: (string|null);

                /** JoinToken secret */
                secret?: (Uint8Array|null);

                /** JoinToken addresses */
                addresses?: (string[]|null);

                /** JoinToken expiresAtMs */
                expiresAtMs?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a JoinToken. */
            type $Shape = shoal.join.JoinToken.$Properties;
        }

        /**
         * Properties of a JoinRequest.
         * @deprecated Use shoal.join.JoinRequest.$Properties instead.
         */
        interface IJoinRequest extends shoal.join.JoinRequest.$Properties {
        }

        /** Represents a JoinRequest. */
        class JoinRequest {

            /**
             * Constructs a new JoinRequest.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.join.JoinRequest.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** JoinRequest tokenId. */
            tokenId: string;

            /** JoinRequest secret. */
            secret: Uint8Array;

            /** JoinRequest name. */
            name: string;

            /** JoinRequest addresses. */
            addresses: string[];

            /** JoinRequest protocolVersion. */
            protocolVersion: number;

            /** JoinRequest agentVersion. */
            agentVersion: string;

            /**
             * Encodes the specified JoinRequest message. Does not implicitly {@link shoal.join.JoinRequest.verify|verify} messages.
             * @param message JoinRequest message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.join.JoinRequest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a JoinRequest message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.join.JoinRequest & shoal.join.JoinRequest.$Shape} JoinRequest
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.join.JoinRequest & shoal.join.JoinRequest.$Shape;
        }

        namespace JoinRequest {

            /** Properties of a JoinRequest. */
            interface $Properties {

                /** JoinRequest tokenId */
                tokenId?: (string|null);

                /** JoinRequest secret */
                secret?: (Uint8Array|null);

                /** JoinRequest name */
                name?: (string|null);

                /** JoinRequest addresses */
                addresses?: (string[]|null);

                /** JoinRequest protocolVersion */
                protocolVersion?: (number|null);

                /** JoinRequest agentVersion */
                agentVersion?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a JoinRequest. */
            type $Shape = shoal.join.JoinRequest.$Properties;
        }

        /**
         * Properties of a JoinedMember.
         * @deprecated Use shoal.join.JoinedMember.$Properties instead.
         */
        interface IJoinedMember extends shoal.join.JoinedMember.$Properties {
        }

        /** Represents a JoinedMember. */
        class JoinedMember {

            /**
             * Constructs a new JoinedMember.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.join.JoinedMember.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** JoinedMember hostId. */
            hostId: string;

            /** JoinedMember name. */
            name: string;

            /** JoinedMember addresses. */
            addresses: string[];

            /**
             * Encodes the specified JoinedMember message. Does not implicitly {@link shoal.join.JoinedMember.verify|verify} messages.
             * @param message JoinedMember message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.join.JoinedMember.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a JoinedMember message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.join.JoinedMember & shoal.join.JoinedMember.$Shape} JoinedMember
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.join.JoinedMember & shoal.join.JoinedMember.$Shape;
        }

        namespace JoinedMember {

            /** Properties of a JoinedMember. */
            interface $Properties {

                /** JoinedMember hostId */
                hostId?: (string|null);

                /** JoinedMember name */
                name?: (string|null);

                /** JoinedMember addresses */
                addresses?: (string[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a JoinedMember. */
            type $Shape = shoal.join.JoinedMember.$Properties;
        }

        /**
         * Properties of a JoinReply.
         * @deprecated Use shoal.join.JoinReply.$Properties instead.
         */
        interface IJoinReply extends shoal.join.JoinReply.$Properties {
        }

        /** Represents a JoinReply. */
        class JoinReply {

            /**
             * Constructs a new JoinReply.
             * @param [properties] Properties to set
             */
            constructor(properties?: shoal.join.JoinReply.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** JoinReply meshId. */
            meshId: string;

            /** JoinReply members. */
            members: shoal.join.JoinedMember.$Properties[];

            /** JoinReply records. */
            records: shoal.gossip.CatalogRecord.$Properties[];

            /** JoinReply meshKey. */
            meshKey: Uint8Array;

            /**
             * Encodes the specified JoinReply message. Does not implicitly {@link shoal.join.JoinReply.verify|verify} messages.
             * @param message JoinReply message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: shoal.join.JoinReply.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a JoinReply message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {shoal.join.JoinReply & shoal.join.JoinReply.$Shape} JoinReply
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): shoal.join.JoinReply & shoal.join.JoinReply.$Shape;
        }

        namespace JoinReply {

            /** Properties of a JoinReply. */
            interface $Properties {

                /** JoinReply meshId */
                meshId?: (string|null);

                /** JoinReply members */
                members?: (shoal.join.JoinedMember.$Properties[]|null);

                /** JoinReply records */
                records?: (shoal.gossip.CatalogRecord.$Properties[]|null);

                /** JoinReply meshKey */
                meshKey?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a JoinReply. */
            type $Shape = shoal.join.JoinReply.$Properties;
        }
    }
}
