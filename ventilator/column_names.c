/* SPDX-License-Identifier: Apache-2.0 */
/* Seen in the exports of shops (Shopify, WooCommerce, Magento, Olist), in the ledgers that papers
 * and courses use (CDNOW, UCI Online Retail I and II, Superstore, Instacart), in payment providers'
 * reports, and in German, French and Spanish books. */
#include "ventilator/column_names.h"

const char column_names_customer[] =
    "customerid customer custid cust customerno customernr customernum customernumber "
    "customercode customerkey customeruniqueid clientid client clientno clientnumber "
    "clientcode userid user useruuid buyerid buyer memberid member membernumber memberno "
    "shopperid shopper consumerid accountid account accountno accountnumber contactid "
    "householdid householdkey household partyid personid patronid subscriberid cid uid "
    "kundenid kundennr kundennummer kunde clienteid idcliente cliente idclient numclient "
    "codclient customeremail email emailaddress customername clientname id";

const char column_names_date[] =
    "date orderdate invoicedate purchasedate transactiondate txndate trxdate trandate "
    "transdate saledate salesdate salesdatetime orderdatetime invoicedatetime "
    "purchasedatetime datetime timestamp orderpurchasetimestamp purchasetimestamp "
    "ordertimestamp transactiontimestamp eventtimestamp ts orderedat purchasedat paidat "
    "createdat createdon created orderplaced ordercreated dateofpurchase dateoforder "
    "dateordered datepurchased datecreated paymentdate billdate billingdate bookingdate "
    "postingdate documentdate receiptdate eventdate eventtime transactiontime "
    "purchasetime ordertime saletime visitdate orderday day dt time datum kaufdatum "
    "bestelldatum rechnungsdatum buchungsdatum belegdatum auftragsdatum verkaufsdatum "
    "fecha fechacompra fechapedido datecommande dateachat";

const char column_names_total[] =
    "amount totalamount amounttotal total totalprice pricetotal linetotal lineamount "
    "ordertotal orderamount ordervalue grandtotal totalvalue totalsales totalspent "
    "totalspend totalpaid totalrevenue netamount grossamount netsales netrevenue revenue "
    "sales salesamount salesvalue sale saleamount turnover gmv value monetaryvalue "
    "monetary spend spent amountspent amountpaid purchaseamount purchasevalue "
    "transactionamount transactionvalue txnamount tranamount paymentamount paymentvalue "
    "payment paid invoiceamount invoicetotal invoicevalue billamount extendedprice "
    "extprice amt totalamt betrag umsatz gesamtbetrag summe importe montant valor";

const char column_names_price[] =
    "unitprice priceperunit priceeach itemprice price sellingprice saleprice salesprice "
    "einzelpreis preis precio prix";

const char column_names_quantity[] =
    "quantity qty quant units unitssold quantityordered orderquantity orderqty "
    "itemquantity numberofitems itemcount pieces menge anzahl cantidad quantite";

const char column_names_order[] =
    "orderid order orderno ordernumber ordernum invoiceid invoiceno invoice "
    "invoicenumber invoicenum transactionid transaction transactionno transactionnumber "
    "txnid txid trxid tranid transid receiptid receipt receiptno receiptnumber basketid "
    "basket ticketid ticket ticketno purchaseid saleid salesid billid billno billnumber "
    "documentno documentnumber checkno bestellnr bestellnummer auftragsnr rechnungsnr "
    "belegnr pedidoid idpedido pedido facture commande";

const char column_names_currency[] =
    "currency currencycode curr ccy currencyid ordercurrency transactioncurrency "
    "waehrung währung moneda devise";
